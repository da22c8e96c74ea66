#!/usr/bin/env bash
# Keeps one process of the product running, as a kubelet would: restarts it when it dies, after a pause that grows while the
# process dies right after its start. Ends itself and the process on TERM.
#   supervisor.sh PIDFILE LOGFILE COMMAND...
set -uo pipefail

# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=process.sh
source "$LIB/process.sh"

pidfile=$1 logfile=$2
shift 2

end="" watch=""
trap 'end=1; [[ -z $watch ]] || kill "$watch" 2>/dev/null' TERM INT
pause=0.5

note() { printf '%s supervisor: %s\n' "$(date -u +%FT%T.%3NZ)" "$*" >>"$logfile"; }

# Waits until the process ends or this supervisor gets a signal. It uses tail, since a polling loop takes processor time.
await_end() {
  local pid
  pid=$(process_pid "$pidfile") || return 0
  tail --pid="$pid" -s 0.1 -f /dev/null &
  watch=$!
  # A trap runs only between commands or during a wait: the signal may have come before there was something to wait for.
  [[ -z $end ]] || kill "$watch"
  wait "$watch"
  kill "$watch" 2>/dev/null
  watch=""
}

while [[ -z $end ]]; do
  started=$SECONDS
  daemon "$pidfile" "$logfile" "$@"
  await_end
  [[ -z $end ]] || break
  if ((SECONDS - started >= 2)); then pause=0.5; fi
  note "the process ended after $((SECONDS - started)) s; the next starts in $pause s"
  sleep "$pause" &
  wait $!
  case $pause in
    0.5) pause=1 ;;
    1) pause=2 ;;
    2) pause=5 ;;
  esac
done
stop_process "$pidfile" 20
