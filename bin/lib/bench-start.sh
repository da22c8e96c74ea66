#!/usr/bin/env bash
# usage: bench-start.sh LAB [ROUNDS]: in a running lab with the product, starts a VM ROUNDS times, in turn with "virsh create" of
# a copy of its domain on the same host, with its own disks, UEFI variables and encrypted TPM. Measures each twice: from the
# request that the API server, or libvirtd, gets from a client that is there already to libvirt's event that the guest was
# resumed; and with two kubectl processes to the condition Running, or with one of virsh until it ends. Prints every round in
# milliseconds, and when the first of the four began, in those of the epoch. Removes everything that it created.
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

# Of the epoch, without a process.
microseconds() { echo "${EPOCHREALTIME/./}"; }
milliseconds() { echo $(($(microseconds) / 1000)); }

on_host() { "$REPO/bin/lab" exec "$lab" "$host" -- "$@"; }

remove() {
  trap - EXIT
  for process in "${clients[@]}"; do kill -- "-$process" 2>/dev/null || true; done
  on_host virsh -q destroy "$name" >/dev/null 2>&1 || true
  on_host virsh -q secret-undefine "$copy" >/dev/null 2>&1 || true
  on_host rm -rf "/var/lib/trusted-launch-shared/$copy" "$consoles/$copy" "/var/lib/libvirt/swtpm/$copy" \
    "/var/lib/libvirt/qemu/nvram/${copy}_VARS.fd" || true
  remove_vm
  rm -rf "$scratch"
}

stop_vm() {
  vm patch tlvm/vm --type merge -p '{"spec":{"runStrategy":"Halted"}}' >/dev/null
  await_running False
  vm wait tlvm/vm --for=condition=Ready --timeout=300s >/dev/null
}

start_vm_by_kubectl() {
  stop_vm
  local begun
  begun=$(milliseconds)
  vm patch tlvm/vm --type merge -p '{"spec":{"runStrategy":"Always"}}' >/dev/null
  await_running True
  echo $(($(milliseconds) - begun))
}

# Clients that are there already: a proxy of the API server, virsh on the host, and one that prints libvirt's events there.
# Each leads a group of processes.
start_clients() {
  set -m
  kubectl proxy --unix-socket "$scratch/api.sock" >/dev/null &
  clients+=($!)
  # stdbuf: an event is printed when it comes.
  on_host stdbuf -oL virsh event --event lifecycle --loop --timestamp >"$scratch/events" 2>&1 &
  clients+=($!)
  mkfifo "$scratch/virsh"
  on_host virsh -q <"$scratch/virsh" >/dev/null 2>&1 &
  clients+=($!)
  set +m
  exec {orders}>"$scratch/virsh"
  wait_until 20 "the API server's proxy" test -S "$scratch/api.sock"
}

# resumption DOMAIN LINES: prints libvirt's event that it was resumed, after that many lines of events.
resumption() { tail -n "+$(($2 + 1))" "$scratch/events" | grep -m 1 "domain '\?$1'\?: Resumed"; }

# resumed DOMAIN LINES: waits for that event, and sets at to its time in microseconds.
resumed() {
  local time
  wait_until 120 "the guest of $1" resumption "$1" "$2" || return
  time=$(resumption "$1" "$2")
  time=${time%%: event*}
  at=$(date -d "${time/+0000/Z}" +%s%6N)
}

events() { wc -l <"$scratch/events"; }

# The time since the request was sent to the proxy: curl's own start does not count.
start_vm() {
  stop_vm
  local before begun sent at
  before=$(events) begun=$(microseconds)
  sent=$(curl -fsS --unix-socket "$scratch/api.sock" -o /dev/null -w '%{time_pretransfer}' -X PATCH \
    -H 'Content-Type: application/merge-patch+json' -d '{"spec":{"runStrategy":"Always"}}' \
    "http://localhost/apis/trustedlaunch.io/v1alpha1/namespaces/$name/trustedlaunchvms/vm")
  begun=$((begun + 10#${sent/./}))
  resumed "$domain" "$before"
  await_running True
  echo "$(((at - begun) / 1000)) $((begun / 1000))"
}

start_copy() {
  local before begun at
  before=$(events) begun=$(microseconds)
  echo "create $folder_on_host/$name.xml" >&"$orders"
  resumed "$name" "$before"
  on_host virsh -q destroy "$name" >/dev/null
  echo $(((at - begun) / 1000))
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
  start_copy_by_virsh >/dev/null
}

start_copy_by_virsh() {
  local begun
  begun=$(milliseconds)
  on_host virsh -q create "$folder_on_host/$name.xml" >/dev/null
  echo $(($(milliseconds) - begun))
  on_host virsh -q destroy "$name" >/dev/null
}

folder_on_host=/var/lib/trusted-launch-shared
consoles=/var/lib/trusted-launch/consoles
host=host-a
clients=()
scratch=$(mktemp -d)
trap remove EXIT
make_vm
begun=$(milliseconds)
await_running True
echo "first start, with image copy and a new TPM: $(($(milliseconds) - begun)) ms"
host=$(vm get tlvm vm -o jsonpath='{.status.nodeName}')
domain=$(vm get tlvm vm -o jsonpath='{.metadata.uid}')
make_copy "$domain"
domain=$(on_host virsh domname "$domain")
start_clients
for ((round = 1; round <= rounds; round++)); do
  read -r ours begun <<<"$(start_vm)"
  other=$(start_copy) kubectl=$(start_vm_by_kubectl) virsh=$(start_copy_by_virsh)
  echo "round $round: $ours ms, virsh create $other ms; with processes $kubectl ms, virsh create $virsh ms; began at $begun"
done
