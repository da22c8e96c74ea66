#!/usr/bin/env bash
# Runs once inside the new mount and UTS namespace of a lab's host and makes it look like a machine of
# its own: host-mounts.sh HOST HOST-FOLDER SHARED-FOLDER
set -euo pipefail

host=$1 dir=$2 shared=$3

# The new namespace has copies of the mounts that pin other hosts' network namespaces; they would
# keep those alive after their labs are gone.
findmnt -rn -t nsfs -o TARGET | while read -r pin; do umount -l "$pin"; done

hostname "$host"

# /sys shows the network interfaces of the namespace that mounted it, and libvirt works on bridges
# through it.
mount -t sysfs sysfs /sys

place() { mount --bind "$1" "$2"; }

for path in /run /etc/libvirt /etc/pki /var/lib/libvirt /var/cache/libvirt /var/log/libvirt \
  /var/lib/swtpm-localca /var/log/swtpm /var/lib/trusted-launch; do
  place "$dir$path" "$path"
done
place "$shared" /var/lib/trusted-launch-shared
place "$dir/etc/hosts" /etc/hosts
