# shellcheck shell=bash
# The steps of bin/demo --story change: the disks of a VM change at restarts, and its TPM stays.

# pcr7 BOOT: what the guest measured of its Secure Boot configuration.
pcr7() { boot_output "$1" | sed -n 's/^PROOF pcr7=//p'; }

# tlvm VERB...: a command of the plugin about the demo's VM.
tlvm() { kubectl tlvm "$@" -n "$DEMO_NAMESPACE"; }

waits_for_restart() { vm_is "$HAS has_condition(\"RestartRequired\"; \"True\")"; }
has_all() { vm_is "$HAS has_condition(\"RestartRequired\"; \"False\")"; }
restart_message() { vm "$DEMO_VM" '.status.conditions[] | select(.type == "RestartRequired") | .message'; }

# restart_into BOOT: applies what waits, and checks that the machine is the same one.
restart_into() {
  wait_until 60 "the change to wait for a restart" waits_for_restart
  fact "$(restart_message | cut -c1-150)…"
  tlvm restart "$DEMO_VM"
  wait_until 300 "the guest to boot again" booted "$1"
  wait_until 60 "nothing to wait for a restart" has_all
  require_printed "$1" "ek=000b$(kept ek)"
  require_printed "$1" "pcr7=$(pcr7 1)"
  require_printed "$1" "nv=$DEMO_SECRET"
}

# disk_size BOOT SERIAL: bytes of the disk with that serial number, as the guest saw it; empty without such a disk.
disk_size() {
  local device
  device=$(boot_output "$1" | sed -n "s/^PROOF serial-$2=//p")
  [[ -z $device ]] || boot_output "$1" | sed -n "s/^PROOF disk-$device=//p"
}

# require_disk BOOT SERIAL MEBIBYTES
require_disk() {
  [[ $(disk_size "$1" "$2") == $(($3 << 20)) ]] || die "the guest does not see disk $2 with $3 MiB"
  fact "guest: disk $2 has $3 MiB"
}

add_disk() {
  tlvm disk add "$DEMO_VM" ledger --size 64Mi
  restart_into 2
  keep ledger "$(vm "$DEMO_VM" '.status.dataDisks[] | select(.name == "ledger") | .id')"
  require_disk 2 "$(kept ledger)" 64
}

grow_disk() {
  tlvm disk grow "$DEMO_VM" ledger --size 96Mi
  restart_into 3
  require_disk 3 "$(kept ledger)" 96
}

remove_disk() {
  tlvm disk remove "$DEMO_VM" ledger
  restart_into 4
  [[ -z $(disk_size 4 "$(kept ledger)") ]] || die "the guest still has disk $(kept ledger)"
  fact "removed, and kept: $(vm "$DEMO_VM" '.status.removedDisks[].id')"
}

bring_disk_back() {
  tlvm disk add "$DEMO_VM" ledger --size 96Mi --from-removed "$(kept ledger)"
  restart_into 5
  require_disk 5 "$(kept ledger)" 96
}
