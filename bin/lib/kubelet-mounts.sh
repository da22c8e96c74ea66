#!/usr/bin/env bash
# Runs once inside the mount namespace of a lab's node, after host-mounts.sh, and makes it fit for a kubelet:
# kubelet-mounts.sh HOST-FOLDER, with the machine's cgroup mounts on its standard input, as findmnt prints them.
set -euo pipefail

dir=$1

# The new /sys has no cgroups.
while read -r target type options; do
  mkdir -p "$target"
  mount -t "$type" -o "$options" cgroup "$target"
done

# A kubelet sets these, which are not the host's but the whole machine's, unless they already have its values.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file="$dir/sysctl/${setting%=*}"
  mkdir -p "$(dirname "$file")"
  echo "${setting#*=}" >"$file"
  mount --bind "$file" "/proc/sys/${setting%=*}"
done

# Volumes are mounted after the pods that see them have started.
mount --make-rshared /
