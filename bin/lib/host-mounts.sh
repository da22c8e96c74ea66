#!/usr/bin/env bash
# Runs once inside the new mount and UTS namespaces of a lab's host and makes it look like a separate machine:
# host-mounts.sh HOST HOST-FOLDER SHARED-FOLDER PATH...
set -euo pipefail

host=$1 dir=$2 shared=$3
shift 3

# The new namespace has copies of the mounts that pin other hosts' network namespaces, which would stay alive after their labs
# are gone. One whose lab is being removed meanwhile goes by itself.
findmnt -rn -t nsfs -o TARGET | while read -r pin; do umount -l "$pin" 2>/dev/null || ! mountpoint -q "$pin"; done

hostname "$host"

# /sys shows the network interfaces of the namespace that mounted it, and libvirt uses it to manage bridges.
mount -t sysfs sysfs /sys

place() { mount --bind "$1" "$2"; }

for path in "$@"; do place "$dir$path" "$path"; done
place "$shared" /var/lib/trusted-launch-shared
place "$dir/etc/hosts" /etc/hosts

# KVM of some clouds lacks system management mode, which Secure Boot needs. With it no VM would start, and libvirt would probe
# QEMU's capabilities again at every call, which takes seconds.
kvm_starts_secure_boot() {
  [[ -c /dev/kvm ]] || return 1
  echo '{"execute": "qmp_capabilities"} {"execute": "quit"}' |
    timeout 20 qemu-system-x86_64 -accel kvm -machine q35,smm=on -display none -nodefaults -S -qmp stdio \
      >/dev/null 2>&1
}
if [[ -e /dev/kvm ]] && ! kvm_starts_secure_boot; then
  # QEMU's user cannot open this file. Otherwise libvirt would expect KVM to become available.
  install -m 0000 /dev/null "$dir/no-kvm"
  place "$dir/no-kvm" /dev/kvm
fi
