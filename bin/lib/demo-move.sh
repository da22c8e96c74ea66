# shellcheck shell=bash
# The step of bin/demo in which a VM moves: what its guest has in memory, and what of it is seen on the wire.

# What the guest's memory holds, the second from its console.
MEMORY_WORDS=("$DEMO_SECRET" "PROOF counter")

on_host() { "$REPO/bin/lab" exec "$TRUSTEDLAUNCH_LAB" "$@"; }

counted() { life 1 | sed -n 's/^PROOF counter=//p' | tail -n 1; }
counts_beyond() { (($(counted) > $1)); }
migratable() { vm_is "$HAS has_condition(\"Migratable\"; \"True\")"; }
vm_runs_on() { vm_has True && [[ $(vm "$DEMO_VM" .status.nodeName) == "$1" ]]; }

# found WORD: in how many places of what comes in. NUL ends a line here: memory has long stretches without another.
found() { LC_ALL=C grep -zacF -e "$1" || true; }

# guest_memory HOST: what its QEMU has as the guest's memory, which is its largest mapping without code ("rw-p", cut at its dash).
guest_memory() {
  local pid from to mode begin=0 size=0
  pid=$(cat "$TRUSTEDLAUNCH_LAB_DIR/hosts/$1/run/libvirt/qemu/$(kept uid).pid")
  while IFS=' -' read -r from to mode _; do
    if [[ $mode == rw ]] && ((0x$to - 0x$from > size)); then begin=$((0x$from)) size=$((0x$to - 0x$from)); fi
  done <"/proc/$pid/maps"
  dd if="/proc/$pid/mem" bs=1M iflag=skip_bytes,count_bytes skip="$begin" count="$size" status=none
}

must_be_in_memory() {
  local word times
  for word in "${MEMORY_WORDS[@]}"; do
    times=$(guest_memory "$1" | found "$word")
    ((times > 0)) || die "the guest's memory does not hold \"$word\": there is nothing to search for"
    fact "the guest's memory on $1 holds \"$word\" in $times places"
  done
}

# start_capture HOST FILE: all that passes the host's network card. It runs in the host and ends with it at the latest.
start_capture() {
  CAPTURE_PIDFILE="$TRUSTEDLAUNCH_LAB_DIR/run/capture.pid"
  daemon "$CAPTURE_PIDFILE" "$2.said" \
    "$REPO/bin/lab" exec "$TRUSTEDLAUNCH_LAB" "$1" -- tcpdump -i eth0 -B 65536 -Z root -U -w "$2"
  trap 'stop_process "$CAPTURE_PIDFILE"' EXIT
  wait_until 20 "the capture to begin" test -s "$2"
}

end_capture() {
  trap - EXIT
  stop_process "$CAPTURE_PIDFILE"
  grep -q '^0 packets dropped' "$1.said" || die "the capture is not whole: $(tr '\n' ' ' <"$1.said")"
}

is_on_wire() { (($(found "$2" <"$1") > 0)); }

# That a search finds nothing says something only if it finds what was sent in plain text.
send_plain_text() {
  on_host "$1" -- bash -c "echo '$3' >/dev/udp/$2/9"
  wait_until 20 "a plain text to be seen on the wire" is_on_wire "$4" "$3"
  fact "a text that $1 sent unencrypted is found on the wire"
}

must_not_be_on_wire() {
  local word
  for word in "${MEMORY_WORDS[@]}"; do
    ! is_on_wire "$1" "$word" || die "the guest's memory can be read on the wire: \"$word\""
  done
  fact "in the $(($(stat -c %s "$1") >> 20)) MiB that passed the wire there is none of it"
}

answered() { tail -c "+$1" "$TRUSTEDLAUNCH_LAB_DIR/shared/$(kept uid)/console.log" | tr -d '\r' | grep -xF "PROOF $2"; }

# ask COMMAND ANSWER: types it at the guest's serial console.
ask() {
  local keyboard reader from
  from=$(($(stat -c %s "$TRUSTEDLAUNCH_LAB_DIR/shared/$(kept uid)/console.log") + 1))
  exec {keyboard}<>"$(on_host "$(vm "$DEMO_VM" .status.nodeName)" -- virsh ttyconsole "$(kept uid)")"
  cat <&"$keyboard" >/dev/null &
  reader=$!
  printf '%s\n' "$1" >&"$keyboard"
  wait_until 60 "the guest to answer $1 with $2" answered "$from" "$2"
  kill "$reader"
  exec {keyboard}>&-
  fact "guest: $2"
}

drain_host() {
  local from to before wire="$TRUSTEDLAUNCH_LAB_DIR/wire.pcap"
  from=$(vm "$DEMO_VM" .status.nodeName)
  to=$(kubectl get clusternodes -o json | jq -r --arg from "$from" '.items[].metadata.name | select(. != $from)')
  wait_until 60 "VM $DEMO_VM to be able to move" migratable
  must_be_in_memory "$from"
  start_capture "$from" "$wire"
  send_plain_text "$from" "$to" "plain-${DEMO_SECRET:2:8}-text" "$wire"
  before=$(counted)
  kubectl tlvm drain "$from" --watch --timeout 240
  wait_until 60 "VM $DEMO_VM to run on $to" vm_runs_on "$to"
  wait_until 60 "the guest's counter to go on" counts_beyond "$before"
  end_capture "$wire"
  must_not_be_on_wire "$wire"
  fact "$DEMO_VM runs on $to, its counter went on from $before to $(counted)"
  [[ -z $(life 2) ]] || die "the guest was started again"
  ask nv-read "nv=$DEMO_SECRET"
  ask ek "ek=000b$(kept ek)"
  [[ $(vm "$DEMO_VM" .status.vTPM.ekDigest) == "$(kept ek)" ]] || die "the status names another EK"
  kubectl tlvm uncordon "$from"
}
