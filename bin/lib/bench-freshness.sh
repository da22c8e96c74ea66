#!/usr/bin/env bash
# usage: bench-freshness.sh LAB [WRITES]: in a running lab whose product was started with LOG_LEVEL=DEBUG, starts a VM whose
# guest writes WRITES times to its TPM's NV memory; each write changes the TPM's state several times. Prints, for all states
# that were sealed while the guest ran, the lag from the change of the working copy until it was durable, and the size.
# Removes everything that it created.
set -euo pipefail

# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=bench-vm.sh
source "$LIB/bench-vm.sh"

need_root
lab=$1 writes=${2:-100}
eval "$("$REPO/bin/lab" env "$lab")"
name="fresh-$(head -c 4 /proc/sys/kernel/random/uuid)"

remove() {
  trap - EXIT
  remove_vm
}

await_boot() {
  timeout 120 sh -c "until grep -q 'PROOF ready' '$1'; do sleep 1; done" || die "the guest did not boot: see $1"
}

# The console needs a terminal and does not end by itself.
write_nv() {
  local host=$1 uid=$2 number
  {
    for ((number = 1; number <= writes; number++)); do
      echo "nv-overwrite write-$number"
      sleep 0.6
    done
    sleep 2
  } | timeout $((writes * 6 / 10 + 15)) script -qfc "'$REPO/bin/lab' console '$lab' '$host' '$uid'" /dev/null \
    >/dev/null 2>&1 || true
}

trap remove EXIT
make_vm
await_running True
uid=$(vm get tlvm vm -o jsonpath='{.metadata.uid}')
host=$(vm get tlvm vm -o jsonpath='{.status.nodeName}')
await_boot "$TRUSTEDLAUNCH_LAB_DIR/hosts/$host/var/lib/trusted-launch/consoles/$uid/console.log"
write_nv "$host" "$uid"

sealed=$(grep -h "GuestStateKeeper: VM $uid: sealed guest state" "$TRUSTEDLAUNCH_LAB_DIR"/logs/agent-*.log || true)
[[ -n $sealed ]] || die "no agent logged a sealed state: start the agents with LOG_LEVEL=DEBUG"
sed 's/.*: \([0-9]*\) bytes.* durable \([0-9]*\) ms after.*/sealed \1 bytes, durable after \2 ms/' <<<"$sealed"
