# shellcheck shell=bash
# The steps of bin/demo --story failover: the host under the VM loses its power, and the VM starts on the other one.

# Fails while the host is heard: its Lease runs out forty seconds after it was renewed last.
state_death() { kubectl tlvm fence "$1" --yes; }

runs_elsewhere() { [[ $(vm "$DEMO_VM" .status.nodeName) != "$(kept from)" ]] && vm_has True; }

fence_is() {
  [[ $(kubectl get nodefence "$(vm "$DEMO_VM" .status.failover.fence)" -o jsonpath='{.status.phase}') == "$1" ]]
}

cut_power() {
  keep from "$(vm "$DEMO_VM" .status.nodeName)"
  "$REPO/bin/lab" host "$TRUSTEDLAUNCH_LAB" "$(kept from)" crash
  fact "$(kept from) is off, and $DEMO_VM with it"
}

say_that_it_is_off() {
  wait_until 120 "$(kept from) to fall silent" state_death "$(kept from)"
  fact "$(kubectl get nodefences --no-headers)"
}

fail_over() {
  # The node that takes the VM must have seen for two minutes that the other writes nothing into the shared folder.
  wait_until 400 "VM $DEMO_VM to run on the other node" runs_elsewhere
  wait_until 180 "the guest to boot" booted 2
  require_printed 2 "nv=$DEMO_SECRET"
  require_printed 2 "ek=000b$(kept ek)"
  fact "$(vm "$DEMO_VM" '.status.failover | "from \(.fromNode) to epoch \(.toEpoch), state \(.newest.epoch)-\(.newest.generation) of \(.sealTime)"')"
}

bring_back() {
  "$REPO/bin/lab" host "$TRUSTEDLAUNCH_LAB" "$(kept from)" start
  wait_until 180 "the fence to be released" fence_is Released
  runs_elsewhere || die "the VM went back"
  fact "$(kubectl get nodefences --no-headers)"
}
