# shellcheck shell=bash
# Builds the proof guest: a small Linux that boots as a trusted launch VM must, and then prints what it finds. The firmware checks
# a Microsoft-signed shim, the shim checks Debian's GRUB, and GRUB checks Debian's kernel. The packages are unpacked, not
# installed.

PROOF_SOURCE="$LIB/proof-guest"
PROOF_MODULES=(efivarfs virtio_pci virtio_blk virtio_net button evdev isofs nls_cp437 nls_ascii nls_utf8 vfat
  ahci sr_mod sd_mod e1000e virtio_scsi virtio-rng pvpanic-pci pvpanic-mmio)
# For its guest agent, and a file system that can be frozen. They are not in the initramfs: few guests need them.
PROOF_AGENT_MODULES=(virtio_console ext4 crc32c_generic)

# use_kernel cloud|generic: the cloud kernel boots faster; the generic one has drivers for AHCI and e1000e, too.
use_kernel() {
  case $1 in
    cloud) PROOF_KERNEL=linux-image-cloud-amd64 PROOF_NAME=proof-guest ;;
    generic) PROOF_KERNEL=linux-image-amd64 PROOF_NAME=proof-guest-generic ;;
    *) return 1 ;;
  esac
}

# Prints a hash of everything that the image depends on.
proof_guest_key() {
  cat "$PROOF_SOURCE"/* "$LIB/proof-guest.sh" | sha256sum | cut -c1-16
}

# Prints the kernel package that the meta package currently depends on.
kernel_package() {
  apt-cache depends "$PROOF_KERNEL" 2>/dev/null | sed -nE 's/^ +Depends: (linux-image-[0-9].*amd64)$/\1/p' | head -n 1
}

unpack_packages() {
  local kernel deb unsigned=grub-efi-amd64-bin
  kernel=$(kernel_package)
  if [[ -z $kernel ]] || ! package_known shim-signed; then
    apt_get update
    kernel=$(kernel_package)
  fi
  [[ -n $kernel ]] || die "apt has no package $PROOF_KERNEL"
  # Debian 13 has a separate package for GRUB's unsigned image.
  if package_known grub-efi-amd64-unsigned; then unsigned=grub-efi-amd64-unsigned; fi
  mkdir -p debs unpacked
  # apt's sandbox user cannot write to this folder.
  local download=(apt-get -o APT::Sandbox::User=root download shim-signed grub-efi-amd64-signed "$unsigned" "$kernel"
    qemu-guest-agent)
  # The package lists may be outdated.
  (cd debs && "${download[@]}") || { apt_get update && (cd debs && "${download[@]}"); }
  for deb in debs/*.deb; do
    dpkg-deb -x "$deb" unpacked
    dpkg-deb -W "$deb" >>"$PROOF_NAME.versions"
  done
}

# unpacked PATTERN: prints the first matching file in the unpacked packages.
unpacked() {
  local file
  file=$(find unpacked -path "*$1" -type f | sort | head -n 1)
  [[ -n $file ]] || die "the packages contain no $1"
  echo "$file"
}

kernel_release() { basename "$(unpacked '/vmlinuz-*')" | sed 's/^vmlinuz-//'; }

# keep_modules FOLDER MODULE...: removes all other modules but those that they need.
keep_modules() {
  local folder=$1 module file
  shift
  for module in "$@"; do
    # Some may be built into the kernel or missing.
    sed -nE "s/^(([^ ]*\/)?${module//[-_]/[-_]}\.ko): ?(.*)/\1 \3/p" "$folder/modules.dep"
  done | tr ' ' '\n' | sed 's|.*/||' | sort -u >modules.wanted
  find "$folder" -name '*.ko' | while read -r file; do
    grep -qxF "$(basename "$file")" modules.wanted || rm "$file"
  done
}

pack() { (cd "$1" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) | gzip -9n; }

make_initramfs() {
  local release file
  release=$(kernel_release)
  mkdir -p root/{bin,sbin,lib,dev,proc,sys,tmp,etc/acpi/PWRF}
  install "$(command -v busybox)" root/bin/busybox
  ln -s busybox root/bin/sh
  install "$PROOF_SOURCE/init" root/init
  install -m 0644 "$PROOF_SOURCE/tpm" root/lib/tpm
  install "$PROOF_SOURCE/dhcp-event" root/bin/dhcp-event
  install "$PROOF_SOURCE/power-button" root/etc/acpi/PWRF/00000080
  mkdir -p "root/lib/modules/$release"
  # Takes all modules first, to find dependencies, and then removes those that are not needed.
  find unpacked -path "*/modules/$release/*" -name '*.ko*' | while read -r file; do
    case $file in
      *.xz) xz -dc "$file" >"root/lib/modules/$release/$(basename "$file" .xz)" ;;
      *) cp "$file" "root/lib/modules/$release/" ;;
    esac
  done
  busybox depmod -b root "$release"
  cp -r root all
  keep_modules "root/lib/modules/$release" "${PROOF_MODULES[@]}"
  busybox depmod -b root "$release"
  pack root >initrd
}

# Makes what command guest-agent unpacks over the initramfs. This machine's QEMU needs the libraries that the agent does.
make_agent() {
  local release modules agent file
  release=$(kernel_release) agent=$(unpacked /qemu-ga)
  modules=lib/modules/$release
  mkdir -p agent/bin "agent/$modules"
  install "$agent" agent/bin/qemu-ga
  if ldd "$agent" | grep -F 'not found'; then die "this machine lacks libraries of qemu-ga"; fi
  ldd "$agent" | grep -oE '/[^ ]+' | while read -r file; do
    install -D "$file" "agent/$file"
  done
  keep_modules "all/$modules" "${PROOF_MODULES[@]}" "${PROOF_AGENT_MODULES[@]}"
  busybox depmod -b all "$release"
  find "all/$modules" -type f | while read -r file; do
    [[ $file == *.ko && -e "root/${file#all/}" ]] || cp "$file" "agent/$modules/"
  done
  pack agent >guest-agent
}

# make_disk NAME BOOT-LOADER [SECOND-LOADER]: creates a qcow2 with one ESP that boots from the default path.
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
  mcopy -i esp.img initrd guest-agent ::/
  truncate -s "$((esp_mib + 2))M" disk.img
  sgdisk -n "1:2048:+${esp_mib}M" -t 1:ef00 -c 1:ESP disk.img
  dd if=esp.img of=disk.img bs=1M seek=1 conv=notrunc,sparse status=none
  qemu-img convert -c -O qcow2 disk.img "$name.qcow2"
  sha256sum "$name.qcow2" | cut -d' ' -f1 >"$name.qcow2.sha256"
}

number_at() { od -An "-tu$3" -j "$2" -N "$3" "$1" | tr -d ' '; }

# tamper SHIM: flips one bit in the padding of the code section. Only the signature covers it, so the disk boots unless the
# signature is checked.
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

# build_proof_guest FOLDER: writes the disks, and a file with the versions of the packages that they contain.
build_proof_guest() {
  local work shim grub unsigned
  work=$(mktemp -d /tmp/trusted-launch-proof.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -rf $work" EXIT
  cd "$work"
  unpack_packages
  make_initramfs
  make_agent
  shim=$(unpacked /shimx64.efi.signed) grub=$(unpacked /grubx64.efi.signed)
  unsigned=$(unpacked /monolithic/grubx64.efi)
  make_disk "$PROOF_NAME" "$shim" "$grub"
  if [[ $PROOF_NAME == proof-guest ]]; then
    make_disk proof-guest-unsigned-loader "$unsigned"
    cp "$shim" tampered.efi
    tamper tampered.efi
    make_disk proof-guest-tampered-shim tampered.efi "$grub"
  fi
  dpkg-query -W busybox-static >>"$PROOF_NAME.versions"
  mkdir -p "$1.new"
  mv proof-guest*.qcow2 proof-guest*.sha256 "$PROOF_NAME.versions" "$1.new/"
  mv "$1.new" "$1"
}
