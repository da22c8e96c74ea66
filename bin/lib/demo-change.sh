# shellcheck shell=bash
# The steps of bin/demo --story change: disks and cards of a VM come, change and go, while it stays the same machine. They are played
# with each of the two kinds of hardware that a VM can have: virtio, as Linux gets it, and AHCI and e1000e, as Windows gets it.
# A guest's boots are counted in "boot".

OTHER_NETWORK=lab-2
WORD="w-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')"

# tlvm VERB...: a command of the plugin in the demo's namespace.
tlvm() { kubectl tlvm "$@" -n "$DEMO_NAMESPACE"; }

# printed_in BOOT KEY: what the guest printed of it, the last time.
printed_in() { boot_output "$1" | sed -n "s/^PROOF $2=//p" | tail -n 1; }
printed_value() { boot_output "$(kept boot)" | tail -n "+$(kept since)" | sed -n "s/^PROOF $1=//p" | tail -n 1; }

nodes_have_network() {
  [[ $(kubectl get clusternodes -o json | jq --arg network "$1" '[.items[] | select(.status.networks | index($network))] | length') == 2 ]]
}

# Gives each host another network. By the address that a guest gets there, it is known.
make_other_network() {
  local host number=100
  for host in host-a host-b; do
    number=$((number + 1))
    on_host "$host" -- virsh net-create /dev/stdin <<XML
<network>
  <name>$OTHER_NETWORK</name>
  <bridge stp='off' delay='0'/>
  <ip address='192.168.$number.1' netmask='255.255.255.0'>
    <dhcp><range start='192.168.$number.10' end='192.168.$number.250'/></dhcp>
  </ip>
</network>
XML
  done
  wait_until 120 "the nodes to offer network $OTHER_NETWORK" nodes_have_network "$OTHER_NETWORK"
}

apply_images() {
  local images="$TRUSTEDLAUNCH_LAB_DIR/shared/images"
  install -d "$images"
  cp "$REPO/target/proof-guest/proof-guest-generic.qcow2" "$images/"
  printf 'sku: windows-hardware\nosType: Windows\n' >"$images/proof-guest-generic.qcow2.yaml"
  apply_image
  apply 6-change.yaml
  kubectl wait guestimage/proof-guest-windows --for condition=Ready --timeout 120s
  fact "$(kubectl get guestimage proof-guest-windows --no-headers)"
}

# create_machine MANIFEST KIND-OF-DISK
create_machine() {
  create_vm "$1"
  keep boot 1
  keep since 1
  wait_until 300 "the guest to boot" booted 1
  [[ -n $(printed_value "disk-$2a") ]] || die "the guest's OS disk is not $2a"
  fact "guest: its OS disk is $2a, at $(printed_value place-os)"
}

machine_proof() {
  guest_proof
  keep pcr7 "$(printed_value pcr7)"
  fact "guest: pcr7=$(kept pcr7)"
  keep os "$(printed_value place-os)"
  keep nic0 "$(printed_value "nic-$(mac nic0)")"
  fact "guest: $(mac nic0) is $(kept nic0)"
}

# mac NAME: the address of a card.
mac() { vm "$DEMO_VM" ".status.networkInterfaces[] | select(.name == \"$1\") | .macAddress"; }

waits_for_restart() { vm_is "$HAS has_condition(\"RestartRequired\"; \"True\")"; }
has_all() { vm_is "$HAS has_condition(\"RestartRequired\"; \"False\")"; }
restart_message() { vm "$DEMO_VM" '.status.conditions[] | select(.type == "RestartRequired") | .message'; }

has_reason() { vm_is "any(.status.conditions[]?; .type == \"RestartRequired\" and .reason == \"$1\")"; }
is_decided() { has_reason UpToDate || waits_for_restart; }

# apply_changes: what the guest takes while it runs, it has at once; a restart applies the rest.
apply_changes() {
  wait_until 60 "the guest to have the change, or the change to wait for a restart" is_decided
  if waits_for_restart; then
    restart
  else
    fact "the guest has it, and was not restarted"
    keep restarted no
    look_again
    require_same_machine
  fi
}

# look_again: has the guest print what it has now. What it printed before does not count any more.
look_again() {
  keep since "$(($(boot_output "$(kept boot)" | wc -l) + 1))"
  ask $'ek\npcrs\ndisks\nnics\nnv-read' "nv=$DEMO_SECRET"
}

restart() {
  local boot=$(($(kept boot) + 1))
  fact "waits: $(restart_message | sed 's/: to apply that.*//')"
  tlvm restart "$DEMO_VM"
  wait_until 300 "the guest to boot again" booted "$boot"
  keep boot "$boot"
  keep since 1
  keep restarted yes
  wait_until 60 "nothing to wait for a restart" has_all
  require_same_machine
  fact "guest: of PCRs 0 to 7, these are not as in the boot before:$(changed_pcrs "$(kept boot)")"
}

require_same_machine() {
  require_printed "$(kept boot)" "ek=000b$(kept ek)"
  require_printed "$(kept boot)" "pcr7=$(kept pcr7)"
  require_printed "$(kept boot)" "nv=$DEMO_SECRET"
  [[ $(printed_value place-os) == "$(kept os)" ]] || die "the OS disk is at $(printed_value place-os), and was at $(kept os)"
  require_card nic0 "$(kept nic0)"
}

# changed_pcrs BOOT
changed_pcrs() {
  local pcr changed=""
  for pcr in 0 1 2 3 4 5 6 7; do
    [[ $(printed_in "$1" "pcr$pcr") == "$(printed_in "$(($1 - 1))" "pcr$pcr")" ]] || changed+=" $pcr"
  done
  echo "${changed:- none}"
}

# require_card NAME TEXT
require_card() {
  local address shown
  address=$(mac "$1") shown=$(printed_value "nic-$(mac "$1")")
  [[ $shown == $2 ]] || die "the guest shows \"$shown\" for card $1 with $address, instead of \"$2\""
  fact "guest: card $address is $shown"
}

leased() {
  local address
  address=$(printed_value "lease-$1")
  [[ -n $address && $(on_host "$(vm "$DEMO_VM" .status.nodeName)" -- virsh -q net-dhcp-leases "$2" --mac "$1") == *" $address/"* ]]
}

# connected MAC NETWORK: as the host says.
connected() { on_host "$(vm "$DEMO_VM" .status.nodeName)" -- virsh -q domiflist "$(kept uid)" | grep -F "$1" | grep -qwF "$2"; }

# require_network NAME NETWORK: after a boot, the guest has an address of it.
require_network() {
  local address
  address=$(mac "$1")
  if [[ $(kept restarted) == no ]]; then
    connected "$address" "$2" || die "card $address is not in network $2"
    fact "host: card $address is in network $2"
    return
  fi
  wait_until 60 "card $address to get an address of network $2" leased "$address" "$2"
  fact "guest: card $address has $(printed_value "lease-$address"), of network $2"
}

# disk_bytes: of the disk; empty if the guest has it not.
disk_bytes() {
  local device
  device=$(printed_value "serial-$(kept disk)")
  [[ -z $device ]] || printed_value "disk-$device"
}

# require_disk MEBIBYTES
require_disk() {
  [[ $(disk_bytes) == $(($1 << 20)) ]] || die "the guest does not see disk $(kept disk) with $1 MiB"
  fact "guest: disk $(kept disk) is $(printed_value "serial-$(kept disk)"), with $1 MiB"
}

write_word() { ask "disk-write $(kept disk) $WORD" "wrote-$(kept disk)=$WORD"; }
read_word() { ask "disk-read $(kept disk)" "holds-$(kept disk)=$WORD"; }

add_disk() { tlvm disk add "$DEMO_VM" ledger --size 64Mi; }
grow_disk() { tlvm disk grow "$DEMO_VM" ledger --size 96Mi; }
remove_disk() { tlvm disk remove "$DEMO_VM" ledger; }
bring_disk_back() { tlvm disk add "$DEMO_VM" ledger --from-removed "$(kept disk)"; }
add_card() { tlvm nic add "$DEMO_VM" nic1 --network lab; }
move_card() { tlvm nic connect "$DEMO_VM" nic1 --network "$OTHER_NETWORK"; }
disconnect_card() { tlvm nic disconnect "$DEMO_VM" nic1; }
remove_card() { tlvm nic remove "$DEMO_VM" nic1; }

disk_and_card_come() {
  add_disk
  add_card
  apply_changes
  keep disk "$(vm "$DEMO_VM" '.status.dataDisks[] | select(.name == "ledger") | .id')"
  require_disk 64
  write_word
  require_card nic1 "eth? up *"
  require_network nic1 lab
}

disk_grows_and_card_moves() {
  grow_disk
  move_card
  apply_changes
  require_disk 96
  read_word
  require_card nic1 "eth? up *"
  require_network nic1 "$OTHER_NETWORK"
}

disk_goes_and_cable_is_pulled() {
  remove_disk
  disconnect_card
  apply_changes
  [[ -z $(disk_bytes) ]] || die "the guest still has disk $(kept disk)"
  fact "guest: no disk $(kept disk); $(tlvm disk list "$DEMO_VM" | grep -F "$(kept disk)" | tr -s ' ')"
  require_card nic1 "eth? down *"
  keep card "$(mac nic1)"
}

disk_is_back_and_card_goes() {
  bring_disk_back
  remove_card
  apply_changes
  require_disk 96
  read_word
  [[ -z $(printed_value "nic-$(kept card)") ]] || die "the guest still has the card with $(kept card)"
  fact "guest: no card $(kept card)"
}

stop_machine() {
  tlvm stop "$DEMO_VM"
  wait_until 180 "VM $DEMO_VM to stop" vm_has False
}
