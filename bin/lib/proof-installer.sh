# shellcheck shell=bash
# Makes the disc that installs the proof guest on an empty disk, as an installer of a distribution would. Its boot chain is that of
# the proof guest, from whose disk it is taken: Microsoft's shim, Debian's GRUB and kernel.

INSTALLER_SOURCE="$LIB/proof-installer"
INSTALLER_NAME=proof-installer

# Prints a hash of everything that the disc depends on.
proof_installer_key() {
  { proof_guest_key && cat "$INSTALLER_SOURCE"/* "$LIB/proof-installer.sh"; } | sha256sum | cut -c1-16
}

# build_proof_installer GUEST FOLDER: makes it from the proof guest's disk.
build_proof_installer() {
  local guest=$1 folder=$2 work
  work=$(mktemp -d /tmp/trusted-launch-setup.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -rf $work" EXIT
  cd "$work"
  mkdir -p files setup
  qemu-img convert -O raw "$guest" disk.img
  # The ESP begins at 1 MiB.
  mcopy -i disk.img@@1M ::/EFI/BOOT/BOOTX64.EFI ::/EFI/BOOT/grubx64.efi .
  mcopy -i disk.img@@1M ::/vmlinuz ::/initrd files/
  install "$INSTALLER_SOURCE/init" setup/init
  gzip -9n <disk.img >setup/disk.gz
  # The kernel unpacks it over the guest's initramfs.
  (cd setup && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >files/setup
  # What the firmware can load from a disc is at most 32 MiB.
  truncate -s 8M files/efi.img
  mkfs.vfat -n PROOFBOOT -i 5eed5eee files/efi.img
  mmd -i files/efi.img ::/EFI ::/EFI/BOOT
  mcopy -i files/efi.img BOOTX64.EFI grubx64.efi ::/EFI/BOOT/
  # To GRUB, what it was loaded from is the disc.
  install -D -m 0644 "$INSTALLER_SOURCE/grub.cfg" files/EFI/debian/grub.cfg
  xorriso -as mkisofs -quiet -volid PROOFSETUP -rational-rock -e efi.img -no-emul-boot -output "$INSTALLER_NAME.iso" files
  sha256sum "$INSTALLER_NAME.iso" | cut -d' ' -f1 >"$INSTALLER_NAME.iso.sha256"
  mkdir -p "$folder.new"
  mv "$INSTALLER_NAME.iso" "$INSTALLER_NAME.iso.sha256" "$folder.new/"
  mv "$folder.new" "$folder"
}
