# shellcheck shell=bash
# Builds the proof guest: a small Linux that boots as a trusted launch VM must, through the firmware's
# check of a Microsoft-signed shim, its check of Debian's GRUB, and GRUB's of Debian's kernel, and that
# then tells what it sees. Nothing is installed on this machine: packages are unpacked.

PROOF_SOURCE="$LIB/proof-guest"
PROOF_MODULES=(efivarfs virtio_pci virtio_blk virtio_net button evdev isofs nls_cp437 nls_ascii nls_utf8 vfat
  ahci sr_mod sd_mod virtio_scsi virtio-rng pvpanic-pci pvpanic-mmio)

# What the result depends on: another key is another image.
proof_guest_key() {
  cat "$PROOF_SOURCE"/* "$LIB/proof-guest.sh" | sha256sum | cut -c1-16
}

# The kernel package that the meta package stands for at the moment.
kernel_package() {
  apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -nE 's/^ +Depends: (linux-image-[0-9].*cloud-amd64)$/\1/p' | head -n 1
}

unpack_packages() {
  local kernel deb unsigned=grub-efi-amd64-bin
  kernel=$(kernel_package)
  if [[ -z $kernel ]] || ! package_known shim-signed; then
    apt_get update
    kernel=$(kernel_package)
  fi
  [[ -n $kernel ]] || die "apt knows no linux-image-cloud-amd64"
  # Debian 13 moved GRUB's unsigned image to a package of its own.
  if package_known grub-efi-amd64-unsigned; then unsigned=grub-efi-amd64-unsigned; fi
  mkdir -p debs unpacked
  # The sandbox user of apt may not write into this folder.
  local download=(apt-get -o APT::Sandbox::User=root download shim-signed grub-efi-amd64-signed "$unsigned" "$kernel")
  # A list may be older than what the archive still has.
  (cd debs && "${download[@]}") || { apt_get update && (cd debs && "${download[@]}"); }
  for deb in debs/*.deb; do
    dpkg-deb -x "$deb" unpacked
    dpkg-deb -W "$deb" >>versions
  done
}

# Prints the first file of a name among what was unpacked.
unpacked() {
  local file
  file=$(find unpacked -path "*$1" -type f | sort | head -n 1)
  [[ -n $file ]] || die "the packages hold no $1"
  echo "$file"
}

make_initramfs() {
  local release module file
  release=$(basename "$(unpacked '/vmlinuz-*')")
  release=${release#vmlinuz-}
  mkdir -p root/{bin,sbin,lib,dev,proc,sys,tmp,etc/acpi/PWRF}
  install "$(command -v busybox)" root/bin/busybox
  ln -s busybox root/bin/sh
  install "$PROOF_SOURCE/init" root/init
  install -m 0644 "$PROOF_SOURCE/tpm" root/lib/tpm
  install "$PROOF_SOURCE/dhcp-event" root/bin/dhcp-event
  install "$PROOF_SOURCE/power-button" root/etc/acpi/PWRF/00000080
  mkdir -p "root/lib/modules/$release"
  # All first, for the dependencies; then only what is asked for and what that needs.
  find unpacked -path "*/modules/$release/*" -name '*.ko*' | while read -r file; do
    case $file in
      *.xz) xz -dc "$file" >"root/lib/modules/$release/$(basename "$file" .xz)" ;;
      *) cp "$file" "root/lib/modules/$release/" ;;
    esac
  done
  busybox depmod -b root "$release"
  for module in "${PROOF_MODULES[@]}"; do
    # A kernel may have some of them built in, or not at all.
    sed -nE "s/^(([^ ]*\/)?${module//[-_]/[-_]}\.ko): ?(.*)/\1 \3/p" "root/lib/modules/$release/modules.dep"
  done | tr ' ' '\n' | sed 's|.*/||' | sort -u >modules.wanted
  find "root/lib/modules/$release" -name '*.ko' | while read -r file; do
    grep -qxF "$(basename "$file")" modules.wanted || rm "$file"
  done
  busybox depmod -b root "$release"
  (cd root && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) | gzip -9n >initrd
}

# make_disk NAME BOOT-LOADER [SECOND-LOADER]: a qcow2 with one ESP that boots by the default path.
make_disk() {
  local name=$1 loader=$2 second=${3:-} esp_mib=96
  rm -f esp.img disk.img
  truncate -s "${esp_mib}M" esp.img
  mkfs.vfat -n PROOFESP -i 5eed5eed esp.img
  mmd -i esp.img ::/EFI ::/EFI/BOOT ::/EFI/debian
  mcopy -i esp.img "$loader" ::/EFI/BOOT/BOOTX64.EFI
  [[ -z $second ]] || mcopy -i esp.img "$second" ::/EFI/BOOT/grubx64.efi
  mcopy -i esp.img "$PROOF_SOURCE/grub.cfg" ::/EFI/debian/grub.cfg
  mcopy -i esp.img "$(unpacked '/vmlinuz-*')" ::/vmlinuz
  mcopy -i esp.img initrd ::/initrd
  truncate -s "$((esp_mib + 2))M" disk.img
  sgdisk -n "1:2048:+${esp_mib}M" -t 1:ef00 -c 1:ESP disk.img
  dd if=esp.img of=disk.img bs=1M seek=1 conv=notrunc,sparse status=none
  qemu-img convert -c -O qcow2 disk.img "$name.qcow2"
  sha256sum "$name.qcow2" | cut -d' ' -f1 >"$name.qcow2.sha256"
}

number_at() { od -An "-tu$3" -j "$2" -N "$3" "$1" | tr -d ' '; }

# tamper SHIM: flips one byte of the code section, in its padding: the signature covers it, no
# instruction uses it. So only a check of the signature can tell, and without one the disk boots.
tamper() {
  local shim=$1 header sections first entry size start i last
  header=$(number_at "$shim" 60 4)
  sections=$(number_at "$shim" $((header + 6)) 2)
  first=$((header + 24 + $(number_at "$shim" $((header + 20)) 2)))
  for ((i = 0; i < sections; i++)); do
    entry=$((first + 40 * i))
    [[ $(dd if="$shim" bs=1 skip="$entry" count=8 status=none | tr -d '\0') == .text ]] || continue
    size=$(number_at "$shim" $((entry + 16)) 4) start=$(number_at "$shim" $((entry + 20)) 4)
    (($(number_at "$shim" $((entry + 8)) 4) < size)) || die "the shim's code section has no padding to flip a byte of"
    last=$((start + size - 1))
    printf "\\x$(printf %02x $(($(number_at "$shim" "$last" 1) ^ 1)))" |
      dd of="$shim" bs=1 seek="$last" conv=notrunc status=none
    return
  done
  die "the shim has no code section"
}

# build_proof_guest FOLDER: leaves the disks there, and a file that tells what they are made of.
build_proof_guest() {
  local work shim grub unsigned
  work=$(mktemp -d /tmp/trusted-launch-proof.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -rf $work" EXIT
  cd "$work"
  unpack_packages
  make_initramfs
  shim=$(unpacked /shimx64.efi.signed) grub=$(unpacked /grubx64.efi.signed)
  unsigned=$(unpacked /monolithic/grubx64.efi)
  make_disk proof-guest "$shim" "$grub"
  make_disk proof-guest-unsigned-loader "$unsigned"
  cp "$shim" tampered.efi
  tamper tampered.efi
  make_disk proof-guest-tampered-shim tampered.efi "$grub"
  dpkg-query -W busybox-static >>versions
  mkdir -p "$1.new"
  mv proof-guest*.qcow2 proof-guest*.sha256 versions "$1.new/"
  mv "$1.new" "$1"
}
