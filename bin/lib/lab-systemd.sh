# shellcheck shell=bash
# A host of a lab that systemd runs: booted in a container over this machine's files, with libvirtd started by its package's
# unit. It shows what happens when a host is shut down.

# Prints systemd's pid on this machine: it has pid 1 inside the host.
systemd_pid() {
  local pid
  for pid in $(ip netns pids "$(host_netns "$1")"); do
    if grep -qsE '^NSpid:.*[[:space:]]1$' "/proc/$pid/status"; then echo "$pid" && return; fi
  done
  return 1
}

write_units() {
  local host=$1 units=$2 command
  mkdir -p "$units"
  printf -v command '"%s" ' "${JAVA[@]}" agent --node "$host" --namespace "$NAMESPACE" --allow-emulation \
    --failpoints "$LAB_DIR/failpoints/agent-$host"
  # Like a container's scope, which has no dependencies: at a shutdown it runs until systemd kills all remaining processes.
  cat >"$units/lab-agent.service" <<UNIT
[Unit]
Description=The agent, as in a container
DefaultDependencies=no
Wants=libvirtd.socket
After=libvirtd.socket
# A test can keep an agent down that has died, as "unsupervise" does elsewhere.
ConditionPathExists=!/run/lab-agent-stays-down
[Service]
ExecStartPre=mkdir -p -m 0700 /run/trusted-launch
ExecStart=$command
Restart=always
StandardOutput=append:$(logfile "agent-$host")
StandardError=inherit
UNIT
  cat >"$units/lab-host.target" <<'UNIT'
[Unit]
Description=A host of a lab
Requires=basic.target
After=basic.target
Wants=libvirtd.service lab-agent.service trusted-launch-stop-guests.service
UNIT
}

# Sets BINDS to the mounts of a booted host.
bind_host() {
  local dir units path
  dir=$(host_dir "$1") units=$(host_dir "$1")/units
  BINDS=("--bind=$LAB_DIR" "--bind=$LAB_DIR/shared:/var/lib/trusted-launch-shared" --bind=/dev/net/tun
    "--bind-ro=$dir/etc/hosts:/etc/hosts" "--bind=$dir/var/log/journal:/var/log/journal"
    "--bind-ro=$REPO/deploy/systemd/trusted-launch-stop-guests:/usr/local/sbin/trusted-launch-stop-guests"
    "--bind-ro=$REPO/deploy/systemd/trusted-launch-stop-guests.service:/etc/systemd/system/trusted-launch-stop-guests.service"
    "--bind-ro=$units/lab-agent.service:/etc/systemd/system/lab-agent.service"
    "--bind-ro=$units/lab-host.target:/etc/systemd/system/lab-host.target")
  for path in "${HOST_PATHS[@]}"; do BINDS+=("--bind=$dir$path:$path"); done
}

pin_booted_host() {
  local pins pid
  pins=$(host_pins "$1")
  pid=$(systemd_pid "$1") || return 1
  mkdir -p "$pins"
  touch "$pins/mnt" "$pins/uts" "$pins/pid"
  mount --bind "/proc/$pid/ns/mnt" "$pins/mnt"
  mount --bind "/proc/$pid/ns/uts" "$pins/uts"
  mount --bind "/proc/$pid/ns/pid" "$pins/pid"
  touch "$pins/ready"
}

# boot_host HOST: boots the host from scratch; everything that ran there before is killed.
boot_host() {
  local host=$1 name=agent-$1 dir
  dir=$(host_dir "$host")
  command -v systemd-nspawn >/dev/null || die "systemd-nspawn is not installed: bin/setup --tests"
  crash_host_and_agent "$host"
  make_host_network "$host"
  host_folders "$host"
  java_command "$name"
  write_agent_kubeconfig "$host"
  write_units "$host" "$dir/units"
  bind_host "$host"
  mkdir -p "$dir/root" "$dir/var/log/journal"
  # systemd-nspawn accepts a folder, but not this machine's root itself. It writes to memory only.
  daemon "$(pidfile "systemd-$host")" "$(logfile "systemd-$host")" \
    env SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes unshare --mount --propagation private -- \
    sh -c 'mount --bind / "$1" && shift && exec systemd-nspawn "$@"' sh "$dir/root" \
    --keep-unit --register=no --machine="$LAB-$host" --hostname="$host" --directory="$dir/root" --volatile=overlay --link-journal=no \
    --resolv-conf=off --network-namespace-path="/run/netns/$(host_netns "$host")" --capability=all --console=pipe \
    "${BINDS[@]}" --boot systemd.unit=lab-host.target
  wait_until 60 "systemd of $host" pin_booted_host "$host"
  wait_for_libvirtd "$host"
}

# power_off_host HOST: shuts the host down as its administrator would; returns when it is off.
power_off_host() {
  local host=$1 pid
  pid=$(systemd_pid "$host") || die "host $host of lab $LAB was not booted by systemd (bin/lab host $LAB $host boot)"
  nsenter --target "$pid" --all -- systemctl poweroff
  wait_until 300 "the power-off of $host" process_gone "$(pidfile "systemd-$host")"
  lab_lock crash_host "$host"
}
