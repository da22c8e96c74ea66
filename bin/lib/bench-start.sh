#!/usr/bin/env bash
# usage: bench-start.sh LAB [ROUNDS]: in a running lab with the product, starts a VM ROUNDS times, measured from the change of
# its runStrategy to the condition Running. Alternates with "virsh create" of a copy of its domain on the same host, with its
# own disks, UEFI variables and encrypted TPM. Prints every round in milliseconds. Removes everything that it created.
set -euo pipefail

# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=bench-vm.sh
source "$LIB/bench-vm.sh"

need_root
lab=$1 rounds=${2:-5}
eval "$("$REPO/bin/lab" env "$lab")"
copy=$(cat /proc/sys/kernel/random/uuid)
name="bench-${copy%%-*}"

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

on_host() { "$REPO/bin/lab" exec "$lab" "$host" -- "$@"; }

remove() {
  trap - EXIT
  on_host virsh -q destroy "$name" >/dev/null 2>&1 || true
  on_host virsh -q secret-undefine "$copy" >/dev/null 2>&1 || true
  on_host rm -rf "/var/lib/trusted-launch-shared/$copy" "$consoles/$copy" "/var/lib/libvirt/swtpm/$copy" \
    "/var/lib/libvirt/qemu/nvram/${copy}_VARS.fd" || true
  remove_vm
}

start_vm() {
  vm patch tlvm/vm --type merge -p '{"spec":{"runStrategy":"Halted"}}' >/dev/null
  await_running False
  vm wait tlvm/vm --for=condition=Ready --timeout=300s >/dev/null
  local begun
  begun=$(milliseconds)
  vm patch tlvm/vm --type merge -p '{"spec":{"runStrategy":"Always"}}' >/dev/null
  await_running True
  echo $(($(milliseconds) - begun))
}

# Copies the domain under another identity, without the metadata by which the agent recognizes its own.
make_copy() {
  local uid=$1 passphrase folder=/var/lib/trusted-launch-shared
  passphrase=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
  on_host virsh -q secret-define /dev/stdin >/dev/null <<XML
<secret ephemeral='yes' private='yes'><uuid>$copy</uuid><usage type='vtpm'><name>$name</name></usage></secret>
XML
  on_host virsh -q secret-set-value "$copy" --file /dev/stdin --plain >/dev/null <<<"$passphrase"
  on_host cp -a "$folder/$uid" "$folder/$copy"
  on_host cp -a "$consoles/$uid" "$consoles/$copy"
  on_host virsh dumpxml "$uid" | sed -e '/<metadata>/,/<\/metadata>/d' \
    -e "/<firmware>/,/<\/firmware>/d" -e "s/<os firmware='efi'>/<os>/" -e "s/$uid/$copy/g" \
    -e "s/<name>.*<\/name>/<name>$name<\/name>/" -e "s/<encryption secret=.*/<encryption secret='$copy'\/>/" \
    >"$TRUSTEDLAUNCH_LAB_DIR/shared/$name.xml"
  on_host cp -a "/var/lib/libvirt/qemu/nvram/${uid}_VARS.fd" "/var/lib/libvirt/qemu/nvram/${copy}_VARS.fd"
  # Like the VM, it has a TPM before the first measured start.
  start_copy >/dev/null
}

start_copy() {
  local begun
  begun=$(milliseconds)
  on_host virsh -q create "$folder_on_host/$name.xml" >/dev/null
  echo $(($(milliseconds) - begun))
  on_host virsh -q destroy "$name" >/dev/null
}

folder_on_host=/var/lib/trusted-launch-shared
consoles=/var/lib/trusted-launch/consoles
host=host-a
trap remove EXIT
make_vm
begun=$(milliseconds)
await_running True
echo "first start, with image copy and a new TPM: $(($(milliseconds) - begun)) ms"
host=$(vm get tlvm vm -o jsonpath='{.status.nodeName}')
make_copy "$(vm get tlvm vm -o jsonpath='{.metadata.uid}')"
for ((round = 1; round <= rounds; round++)); do
  one=$(start_vm) other=$(start_copy)
  echo "round $round: $one ms, virsh create alone $other ms"
done
