# shellcheck shell=bash
# A lab's hosts: each has its own network, mount and UTS namespaces and its own libvirtd. Mounts pin the namespaces, so that
# they do not depend on any process.

# Mount points that Debian's packages do not create. They stay empty on this machine; the hosts' files are in the lab's
# folder.
MOUNTPOINTS=(/etc/pki /var/cache/libvirt /var/log/libvirt /var/lib/swtpm-localca /var/log/swtpm
  /var/lib/trusted-launch /var/lib/trusted-launch-shared)

HOST_PATHS=(/etc/libvirt /etc/pki /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /var/lib/swtpm-localca
  /var/log/swtpm /var/lib/trusted-launch)

# Prints the folders that each host has for itself, besides /run.
host_paths() {
  printf '%s\n' "${HOST_PATHS[@]}"
  ! has_kubelets || printf '%s\n' "${KUBELET_PATHS[@]}"
}

host_netns() { echo "tlab$SLOT-$1"; }
host_dir() { echo "$LAB_DIR/hosts/$1"; }
host_pins() { echo "$LAB_DIR/pins/$1"; }

# Prints the number of a host in its lab, from 0.
host_number() {
  local number
  if [[ $1 == "$PLAIN_NODE" ]] && has_kubelets; then echo "$PLAIN_NODE_NUMBER" && return; fi
  number=$(grep -nxF "$1" "$LAB_DIR/hosts.list" 2>/dev/null | cut -d: -f1) || die "lab $LAB has no host $1"
  echo $((number - 1))
}

host_veth() { echo "tl${SLOT}h$(host_number "$1")"; }
host_address() { echo "10.213.$SLOT.$((11 + $(host_number "$1")))"; }

# Each host has its own network for guests, so that an address shows where a guest runs.
guest_network() { echo "10.$((215 + $(host_number "$1"))).$SLOT"; }

# set_enter HOST: sets ENTER to the prefix that runs a command inside a host, without a process in between.
set_enter() {
  local pins
  pins=$(host_pins "$1")
  [[ -f $pins/ready ]] || die "host $1 of lab $LAB is not up"
  ENTER=(nsenter --net="/run/netns/$(host_netns "$1")" --mount="$pins/mnt" --uts="$pins/uts")
  # A booted host has process IDs of its own, and its systemd answers nobody whose ID it cannot see.
  [[ ! -f $pins/pid ]] || ENTER+=(--pid="$pins/pid")
  ENTER+=(--)
}

in_host() {
  set_enter "$1"
  "${ENTER[@]}" "${@:2}"
}

# Like in_host, but replaces this process.
enter_host() {
  set_enter "$1"
  exec "${ENTER[@]}" "${@:2}"
}

make_mountpoints() {
  local path
  for path in "${MOUNTPOINTS[@]}" $(! has_kubelets || echo "${KUBELET_PATHS[@]}"); do
    [[ -d $path ]] || { mkdir -p "$path" && echo "$path" >>"$REGISTRY/mountpoints"; }
  done
}

# Runs only after the last lab of the machine: removing a folder also unmounts it in other namespaces.
remove_mountpoints() {
  local slot path
  for slot in "$REGISTRY"/slots/*; do
    [[ -f $slot ]] && slot_taken "$(basename "$slot")" && return 0
  done
  [[ -f $REGISTRY/mountpoints ]] || return 0
  while read -r path; do rmdir "$path" 2>/dev/null || true; done <"$REGISTRY/mountpoints"
  rm -f "$REGISTRY/mountpoints"
}

make_host_network() {
  local host=$1 netns veth
  netns=$(host_netns "$host") veth=$(host_veth "$host")
  if ip link show "$veth" >/dev/null 2>&1 && [[ -e /run/netns/$netns ]]; then return 0; fi
  ip link delete "$veth" 2>/dev/null || true
  ip netns delete "$netns" 2>/dev/null || true
  ip netns add "$netns"
  ip link add "$veth" type veth peer name eth0 netns "$netns"
  ip link set "$veth" master "$BRIDGE" up
  ip -n "$netns" link set lo up
  ip -n "$netns" addr add "$(host_address "$host")/24" dev eth0
  ip -n "$netns" link set eth0 up
}

libvirt_configuration() {
  local host=$1 etc
  etc="$(host_dir "$host")/etc/libvirt"
  mkdir -p "$etc"/{hooks,qemu/networks/autostart}
  [[ -f $etc/libvirtd.conf ]] && return 0
  cp -r /usr/share/libvirt/nwfilter "$etc/nwfilter"
  cat >"$etc/qemu.conf" <<'CONF'
# User and group stay as the distribution has them: libvirt-qemu, and tss for swtpm.
security_driver = "none"
cgroup_controllers = []
stdio_handler = "file"
remember_owner = 0
# Otherwise QEMU gets its own /dev, which fails if host-mounts.sh has mounted a file over /dev/kvm.
namespaces = []
CONF
  cat >"$etc/qemu/networks/lab.xml" <<XML
<network>
  <name>lab</name>
  <uuid>$(cat /proc/sys/kernel/random/uuid)</uuid>
  <bridge name='virbr0' stp='off' delay='0'/>
  <ip address='$(guest_network "$host").1' netmask='255.255.255.0'>
    <dhcp><range start='$(guest_network "$host").10' end='$(guest_network "$host").250'/></dhcp>
  </ip>
</network>
XML
  ln -sf ../lab.xml "$etc/qemu/networks/autostart/lab.xml"
  # Local clients only, no network listener. This file is written last and marks the configuration as complete.
  cat >"$etc/libvirtd.conf" <<CONF
host_uuid = "$(cat /proc/sys/kernel/random/uuid)"
auth_unix_rw = "none"
unix_sock_rw_perms = "0700"
listen_tls = 0
listen_tcp = 0
# Lets tests inject faults at a phase of a migration or of a backup's job.
log_filters = "1:qemu.qemu_migration 1:qemu.qemu_process 1:domainjob"
log_outputs = "1:stderr"
CONF
}

host_folders() {
  local host=$1 dir paths peer
  dir=$(host_dir "$host")
  if has_kubelets; then place_pod_logs "$host"; fi
  mapfile -t paths < <(host_paths)
  mkdir -p "$dir/run/lock" "${paths[@]/#/$dir}"
  # -m does not change an existing folder: a running agent has opened it for swtpm.
  mkdir -p -m 0700 "$dir/run/trusted-launch"
  chmod 0711 "$dir/var/lib/trusted-launch"
  # As in the packages: swtpm_setup runs as tss and creates its signing key here.
  chown tss:root "$dir/var/lib/swtpm-localca"
  chmod 0750 "$dir/var/lib/swtpm-localca"
  {
    printf '127.0.0.1 localhost\n%s kubernetes\n' "$GATEWAY"
    for peer in $(lab_nodes); do printf '%s %s\n' "$(host_address "$peer")" "$peer"; done
  } >"$dir/etc/hosts"
  [[ $host == "$PLAIN_NODE" ]] || libvirt_configuration "$host"
}

shared_folder() {
  mkdir -p "$LAB_DIR/shared"
  chown root:libvirt-qemu "$LAB_DIR/shared"
  chmod 0710 "$LAB_DIR/shared"
}

# A mount namespace can be pinned only in a private mount.
make_pin_folder() {
  mkdir -p "$LAB_DIR/pins"
  mountpoint -q "$LAB_DIR/pins" && return 0
  mount -t tmpfs -o mode=0700,size=1m pins "$LAB_DIR/pins"
  mount --make-private "$LAB_DIR/pins"
}

make_host_namespaces() {
  local host=$1 pins paths
  pins=$(host_pins "$host")
  [[ -f $pins/ready ]] && return 0
  mapfile -t paths < <(host_paths)
  unpin_host "$host"
  mkdir -p "$pins"
  touch "$pins/mnt" "$pins/uts"
  nsenter --net="/run/netns/$(host_netns "$host")" -- \
    unshare --mount="$pins/mnt" --uts="$pins/uts" --propagation private -- \
    bash "$LIB/host-mounts.sh" "$host" "$(host_dir "$host")" "$LAB_DIR/shared" /run "${paths[@]}"
  if has_kubelets; then
    findmnt -rn -R /sys/fs/cgroup -o TARGET,FSTYPE,OPTIONS |
      nsenter --mount="$pins/mnt" -- bash "$LIB/kubelet-mounts.sh" "$(host_dir "$host")"
  fi
  touch "$pins/ready"
}

unpin_host() {
  local pins
  pins=$(host_pins "$1")
  umount -l "$pins/mnt" 2>/dev/null || true
  umount -l "$pins/uts" 2>/dev/null || true
  umount -l "$pins/pid" 2>/dev/null || true
  rm -rf "$pins"
}

libvirtd_ready() { [[ $(in_host "$1" virsh -q net-list --name) == *lab* ]]; }

launch_libvirtd() {
  set_enter "$1"
  daemon "$(pidfile "libvirtd-$1")" "$(logfile "libvirtd-$1")" "${ENTER[@]}" libvirtd
}

# Its first start takes seconds, since it probes QEMU's capabilities.
wait_for_libvirtd() { wait_until 60 "libvirtd of $1 and its network" libvirtd_ready "$1"; }

start_libvirtd() {
  launch_libvirtd "$1"
  wait_for_libvirtd "$1"
}

# Creates a Node without a kubelet, for those who read nodes and for tokens that are bound to it. It is approved from the
# start, as kubectl tlvm node approve does it.
register_node() {
  local host=$1
  kubectl_admin apply -f - <<YAML
apiVersion: v1
kind: Node
metadata:
  name: $host
  labels: {kubernetes.io/hostname: $host, kubernetes.io/os: linux, node-restriction.kubernetes.io/trusted-launch: approved}
YAML
  # The API server adds this taint to every new Node, and in a lab no controller removes it.
  kubectl_admin taint node "$host" node.kubernetes.io/not-ready- 2>/dev/null || true
  kubectl_admin patch node "$host" --subresource status --type strategic -p "
status:
  addresses: [{type: InternalIP, address: $(host_address "$host")}, {type: Hostname, address: $host}]
  conditions: [{type: Ready, status: 'True', reason: Lab, message: a host of lab $LAB, lastHeartbeatTime: $(date -u +%FT%TZ), lastTransitionTime: $(date -u +%FT%TZ)}]"
}

make_host() {
  make_host_network "$1"
  host_folders "$1"
  make_host_namespaces "$1"
}

start_host() {
  make_host "$1"
  [[ $1 == "$PLAIN_NODE" ]] || start_libvirtd "$1"
  if has_kubelets; then start_nodes "$1"; fi
}

# start_hosts "HOST HOST...": also adds hosts to a running lab.
start_hosts() {
  local host
  for host in $1; do
    [[ $host =~ ^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$ ]] || die "'$host' is not a valid host name"
    [[ $host != "$PLAIN_NODE" ]] || die "$PLAIN_NODE is the node without libvirt of labs with kubelets: choose another name"
    grep -qxF "$host" "$LAB_DIR/hosts.list" 2>/dev/null || echo "$host" >>"$LAB_DIR/hosts.list"
  done
  registered make_mountpoints
  shared_folder
  make_pin_folder
  for host in $(lab_hosts); do
    make_host "$host"
    launch_libvirtd "$host"
    has_kubelets || register_node "$host"
  done
  for host in $(lab_hosts); do wait_for_libvirtd "$host"; done
}

# Every process of a host is in its network namespace, including QEMU, which has its own mount namespace, and commands that
# entered from outside.
kill_host_processes() {
  local netns pids try
  netns=$(host_netns "$1")
  [[ -e /run/netns/$netns ]] || return 0
  for ((try = 0; try < 50; try++)); do
    pids=$(ip netns pids "$netns" 2>/dev/null || true)
    [[ -n $pids ]] || return 0
    # shellcheck disable=SC2086
    kill -KILL $pids 2>/dev/null || true
    sleep 0.1
  done
  die "processes of host $1 do not end: $pids"
}

# An address that no interface has: frames to it are lost without an error, as over a cut cable.
NO_INTERFACE=02:00:00:00:00:fe

# link HOST up|down|deaf [PEER] [--for SECONDS]
link() {
  local host=$1 action=$2 peer=""
  shift 2
  if [[ ${1:-} && $1 != --for ]]; then peer=$1 && shift; fi
  if [[ -n $peer ]]; then "link_$action" "$host" "$peer"; else ip link set "$(host_veth "$host")" "$action"; fi
  [[ ${1:-} == --for ]] || return 0
  sleep "${2:?--for needs seconds}"
  link "$host" up "$peer"
}

link_down() {
  link_deaf "$1" "$2"
  link_deaf "$2" "$1"
}

link_deaf() {
  ip -n "$(host_netns "$2")" neigh replace "$(host_address "$1")" lladdr "$NO_INTERFACE" dev eth0 nud permanent
}

link_up() {
  ip -n "$(host_netns "$1")" neigh del "$(host_address "$2")" dev eth0 2>/dev/null || true
  ip -n "$(host_netns "$2")" neigh del "$(host_address "$1")" dev eth0 2>/dev/null || true
}

# await_log FILE TEXT: waits until a new line of the file contains the text.
await_log() {
  local lines reader size
  size=$(stat -c %s "$1" 2>/dev/null || echo 0)
  echo "watching $1"
  exec {lines}< <(exec tail -c "+$((size + 1))" -F "$1" 2>/dev/null)
  reader=$!
  grep -q -m 1 -F -- "$2" <&"$lines"
  kill "$reader"
  exec {lines}<&-
}

# Ends all processes of a host and removes its network and mounts; its folders stay.
remove_host() {
  kill_host_processes "$1"
  if has_kubelets; then remove_node_cgroup "$1"; fi
  unpin_host "$1"
  ip link delete "$(host_veth "$1")" 2>/dev/null || true
  ip netns delete "$(host_netns "$1")" 2>/dev/null || true
}

# Stops all processes of a host, as if its kernel hung: nothing of it answers any more, and it may go on at any moment.
freeze_host() {
  local try pid pids running
  for ((try = 0; try < 50; try++)); do
    running=""
    pids=$(ip netns pids "$(host_netns "$1")") || die "host $1 of lab $LAB is not up"
    for pid in $pids; do
      # Zombies cannot be stopped.
      grep -qsE '^State:.[TZX]' "/proc/$pid/status" && continue
      if kill -STOP "$pid" 2>/dev/null; then running=1; fi
    done
    # A process may have been started meanwhile.
    [[ -n $running ]] || return 0
    sleep 0.1
  done
  die "processes of host $1 do not stop"
}

thaw_host() {
  local pid
  for pid in $(ip netns pids "$(host_netns "$1")"); do kill -CONT "$pid" 2>/dev/null || true; done
}

# Simulates a power cut: the disk stays, /run and the network are gone.
crash_host() {
  remove_host "$1"
  find "$(host_dir "$1")/run" -mindepth 1 -delete
}

remove_hosts() {
  local host
  for host in $(lab_nodes); do remove_host "$host"; done
  umount -l "$LAB_DIR/pins" 2>/dev/null || true
}
