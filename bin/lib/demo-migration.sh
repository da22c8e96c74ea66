# shellcheck shell=bash
# The step of bin/demo in which a VM migrates: checks that nothing in the guest's memory can be read on the wire.

# Text in the guest's memory; the second also appears on its console.
MEMORY_WORDS=("$DEMO_SECRET" "PROOF counter")

on_host() { "$REPO/bin/lab" exec "$TRUSTEDLAUNCH_LAB" "$@"; }

last_count() { boot_output 1 | sed -n 's/^PROOF counter=//p' | tail -n 1; }
counts_beyond() { (($(last_count) > $1)); }
migratable() { vm_is "$HAS has_condition(\"Migratable\"; \"True\")"; }
vm_runs_on() { vm_has True && [[ $(vm "$DEMO_VM" .status.nodeName) == "$1" ]]; }

# count_text TEXT: prints the number of matching lines on stdin. Lines end with NUL, since memory has long stretches without
# a line feed.
count_text() { LC_ALL=C grep -zacF -e "$1" || true; }

# guest_memory HOST: prints the guest's memory, the largest mapping of QEMU that is not executable. "rw-p" is split at its dash.
guest_memory() {
  local pid from to mode begin=0 size=0
  pid=$(cat "$TRUSTEDLAUNCH_LAB_DIR/hosts/$1/run/libvirt/qemu/$(kept uid).pid")
  while IFS=' -' read -r from to mode _; do
    if [[ $mode == rw ]] && ((0x$to - 0x$from > size)); then begin=$((0x$from)) size=$((0x$to - 0x$from)); fi
  done <"/proc/$pid/maps"
  dd if="/proc/$pid/mem" bs=1M iflag=skip_bytes,count_bytes skip="$begin" count="$size" status=none
}

require_in_memory() {
  local word times
  for word in "${MEMORY_WORDS[@]}"; do
    times=$(guest_memory "$1" | count_text "$word")
    ((times > 0)) || die "the guest's memory does not hold \"$word\": the search would prove nothing"
    fact "the guest's memory on $1 holds \"$word\" in $times places"
  done
}

# start_capture HOST FILE: captures all traffic of the host's network interface, inside the host.
start_capture() {
  CAPTURE_PIDFILE="$TRUSTEDLAUNCH_LAB_DIR/run/capture.pid"
  daemon "$CAPTURE_PIDFILE" "$2.log" \
    "$REPO/bin/lab" exec "$TRUSTEDLAUNCH_LAB" "$1" -- tcpdump -i eth0 -B 65536 -Z root -U -w "$2"
  trap 'stop_process "$CAPTURE_PIDFILE"' EXIT
  wait_until 20 "the capture to begin" test -s "$2"
}

end_capture() {
  trap - EXIT
  stop_process "$CAPTURE_PIDFILE"
  grep -q '^0 packets dropped' "$1.log" || die "the capture is incomplete: $(tr '\n' ' ' <"$1.log")"
}

is_on_wire() { (($(count_text "$2" <"$1") > 0)); }

# Proves that the search would find a text that was sent unencrypted.
send_plain_text() {
  on_host "$1" -- bash -c "echo '$3' >/dev/udp/$2/9"
  wait_until 20 "a plain text to appear on the wire" is_on_wire "$4" "$3"
  fact "a text that $1 sent unencrypted is found on the wire"
}

require_not_on_wire() {
  local word
  for word in "${MEMORY_WORDS[@]}"; do
    ! is_on_wire "$1" "$word" || die "the guest's memory can be read on the wire: \"$word\""
  done
  fact "the $(($(stat -c %s "$1") >> 20)) MiB of captured traffic contain neither text"
}

answered() { tail -c "+$2" "$1" | tr -d '\r' | grep -xF "PROOF $3"; }

# ask COMMAND ANSWER: types the command at the guest's serial console and waits for the answer.
ask() {
  local keyboard reader log from
  log=$(console_log "$(vm "$DEMO_VM" .status.nodeName)")
  from=$(($(stat -c %s "$log") + 1))
  exec {keyboard}<>"$(on_host "$(vm "$DEMO_VM" .status.nodeName)" -- virsh ttyconsole "$(kept uid)")"
  cat <&"$keyboard" >/dev/null &
  reader=$!
  printf '%s\n' "$1" >&"$keyboard"
  wait_until 60 "the guest to answer $1 with $2" answered "$log" "$from" "$2"
  kill "$reader"
  exec {keyboard}>&-
  fact "guest: $2"
}

drain_host() {
  local from to before wire="$TRUSTEDLAUNCH_LAB_DIR/wire.pcap"
  from=$(vm "$DEMO_VM" .status.nodeName)
  to=$(kubectl get clusternodes -o json | jq -r --arg from "$from" '.items[].metadata.name | select(. != $from)')
  wait_until 60 "VM $DEMO_VM to be migratable" migratable
  require_in_memory "$from"
  start_capture "$from" "$wire"
  send_plain_text "$from" "$to" "plain-${DEMO_SECRET:2:8}-text" "$wire"
  before=$(last_count)
  kubectl tlvm drain "$from" --watch --timeout 240
  wait_until 60 "VM $DEMO_VM to run on $to" vm_runs_on "$to"
  wait_until 60 "the guest's counter to increase" counts_beyond "$before"
  end_capture "$wire"
  require_not_on_wire "$wire"
  fact "$DEMO_VM runs on $to, its counter went from $before to $(last_count)"
  [[ -z $(boot_output 2) ]] || die "the guest rebooted"
  ask nv-read "nv=$DEMO_SECRET"
  ask ek "ek=000b$(kept ek)"
  [[ $(vm "$DEMO_VM" .status.vTPM.ekDigest) == "$(kept ek)" ]] || die "the status names another EK"
  kubectl tlvm uncordon "$from"
}
