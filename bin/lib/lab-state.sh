# shellcheck shell=bash
# A lab on this machine has a folder, and a slot: a number from which all names and addresses derive. Slots are registered under
# a lock in a folder that all labs of the machine share, so no two labs have the same.

LAB_ROOT="${TRUSTEDLAUNCH_LAB_ROOT:-/var/lib/trusted-launch-labs}"
REGISTRY=/run/trusted-launch-labs
MAX_SLOT=250

# use_lab NAME: sets LAB and LAB_DIR.
use_lab() {
  [[ ${1:-} =~ ^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$ ]] ||
    die "a lab's name is lower-case letters, digits and dashes, at most 40: '${1:-}' is not one"
  LAB=$1
  LAB_DIR="$LAB_ROOT/$LAB"
}

lab_lock() { with_lock "$REGISTRY/locks/${LAB_DIR//\//_}.lock" "lab $LAB" "$@"; }

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# A slot file contains the boot in which it was taken and the lab's folder. After a reboot only the folder of a lab is left, and
# its slot is free.
slot_taken() {
  local boot dir
  read -r boot dir 2>/dev/null <"$REGISTRY/slots/$1" || return 1
  [[ $boot == "$(boot_id)" && -d $dir ]]
}

# Prints the slot of this lab; fails if it has none.
lab_slot() {
  local file
  for file in "$REGISTRY"/slots/*; do
    if [[ -f $file && $(cat "$file") == "$(boot_id) $LAB_DIR" ]]; then
      basename "$file"
      return
    fi
  done
  return 1
}

# Something else on the machine may already use the addresses of a slot.
slot_addresses_free() {
  local route
  route=$(ip -4 route show to match "10.213.$1.1" 2>/dev/null | grep -v '^default' || true)
  [[ -z $route ]] && ! ip link show "tlab$1" >/dev/null 2>&1
}

take_slot() {
  local slot
  mkdir -p "$REGISTRY/slots"
  for ((slot = 1; slot <= MAX_SLOT; slot++)); do
    if ! slot_taken "$slot" && slot_addresses_free "$slot"; then
      echo "$(boot_id) $LAB_DIR" >"$REGISTRY/slots/$slot"
      return
    fi
  done
  die "all $MAX_SLOT lab slots of this machine are taken (see $REGISTRY/slots)"
}

registered() { with_lock "$REGISTRY/lock" "the registry of labs" "$@"; }

# Sets the names and addresses that derive from the slot. Interface names have at most 15 characters, so they contain the slot
# and not the lab's name.
derive_names() {
  SLOT=$(lab_slot) || die "lab $LAB is not up (bin/lab up $LAB)"
  BRIDGE="tlab$SLOT"
  GATEWAY="10.213.$SLOT.1"
  # Not on the bridge: no host or guest must reach etcd.
  ETCD_ADDRESS="127.213.$SLOT.1"
  API_SERVER="https://$GATEWAY:6443"
  SERVICE_RANGE="10.214.$SLOT.0/24"
  SERVICE_ADDRESS="10.214.$SLOT.1"
}

pidfile() { echo "$LAB_DIR/run/$1.pid"; }
logfile() { echo "$LAB_DIR/logs/$1.log"; }
kubeconfig() { echo "$LAB_DIR/kubeconfig/$1.kubeconfig"; }

# Prints the hosts of the lab, one per line, in the order of their numbers.
lab_hosts() { cat "$LAB_DIR/hosts.list" 2>/dev/null || true; }

# Whether the lab was started with --kubelets. Then it has a node more, without libvirt, whose number is that of no host.
has_kubelets() { [[ -f $LAB_DIR/kubelets ]]; }
PLAIN_NODE=node-c
PLAIN_NODE_NUMBER=40

# Prints the hosts and the node without libvirt, one per line.
lab_nodes() {
  lab_hosts
  ! has_kubelets || echo "$PLAIN_NODE"
}

# need_lab NAME: for commands that need a running lab.
need_lab() {
  need_root
  use_lab "$1"
  derive_names
}

# Gives the lab a slot and folders. Deletes what an earlier boot of the machine left of it: its addresses and processes are
# gone.
open_lab() {
  if ! lab_slot >/dev/null; then
    rm -rf "$LAB_DIR"
    mkdir -p "$LAB_DIR"
    registered take_slot
  fi
  derive_names
  mkdir -p "$LAB_DIR"/{run,logs,kubeconfig,failpoints,hosts}
  chmod 0700 "$LAB_DIR/kubeconfig"
}

close_lab() {
  local slot
  slot=$(lab_slot) && rm -f "$REGISTRY/slots/$slot"
  rm -rf "$LAB_DIR"
}
