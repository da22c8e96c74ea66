#!/usr/bin/env bash
# usage: bench-images.sh FOLDER: makes a raw and a qcow2 image of 1 GiB in it, from the files of this machine.
set -euo pipefail

folder=$1 mebibytes=1024

# A boot sector, then real data, then zeros as on a disk that is not full. tar ends when head stops reading.
printf '\x55\xaa' | dd of="$folder/image.raw" bs=1 seek=510 status=none
truncate -s 1M "$folder/image.raw"
{ tar -C / --ignore-failed-read -cf - usr opt var/lib 2>/dev/null || true; } |
  head -c "$((mebibytes * 7 / 8))M" >>"$folder/image.raw" || true
truncate -s "${mebibytes}M" "$folder/image.raw"
qemu-img convert -f raw -O qcow2 "$folder/image.raw" "$folder/image.qcow2"
