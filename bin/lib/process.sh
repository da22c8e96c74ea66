# shellcheck shell=bash
# Processes that outlive the command that started them. A pid file contains the pid and the start time of the process, so that a
# reused pid is never mistaken for it.

# Prints the start time of a process, in clock ticks since boot; fails if it does not exist or is a zombie.
process_start_time() {
  local pid=$1 stat threads
  { read -r stat <"/proc/$pid/stat"; } 2>/dev/null || return 1
  stat=${stat##*) }
  set -- $stat
  [[ $1 != X ]] || return 1
  if [[ $1 == Z ]]; then
    # The first thread of a killed process may be a zombie while others still hold its ports.
    threads=("/proc/$pid/task"/*)
    ((${#threads[@]} > 1)) || return 1
  fi
  echo "${20}"
}

# process_pid PIDFILE: prints the pid if the process is still running.
process_pid() {
  local pid started
  read -r pid started 2>/dev/null <"$1" || return 1
  [[ -n $started && $(process_start_time "$pid") == "$started" ]] || return 1
  echo "$pid"
}

process_alive() { process_pid "$1" >/dev/null 2>&1; }

# The shell that becomes the daemon writes the pid file itself, so no process ever runs without one. Only then does it close all
# inherited descriptors but the standard ones: one may be a lock, and the next holder of that lock finds the pid file.
DAEMON_SHELL='
  pidfile=$1; shift
  stat=$(cat /proc/$$/stat); stat=${stat##*) }; set -- "$stat" "$@"
  started=$(echo "$1" | cut -d" " -f20); shift
  { echo "$$ $started" >"$pidfile.new" && mv "$pidfile.new" "$pidfile"; } || exit 1
  for fd in /proc/self/fd/*; do fd=${fd##*/}; if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi; done
  exec "$@"'

# daemon PIDFILE LOGFILE COMMAND...: starts the command in the background, unless it is already running.
daemon() {
  local pidfile=$1 logfile=$2
  shift 2
  process_alive "$pidfile" && return 0
  rm -f "$pidfile"
  setsid bash -c "$DAEMON_SHELL" daemon "$pidfile" "$@" >>"$logfile" 2>&1 </dev/null &
  disown
  wait_until 10 "$(basename "$pidfile")" test -s "$pidfile"
}

# signal_process PIDFILE SIGNAL: fails if the process is not running.
signal_process() {
  local pid
  pid=$(process_pid "$1") || return 1
  kill "-$2" "$pid"
}

process_gone() { ! process_alive "$1"; }

# stop_process PIDFILE [SECONDS]: sends TERM, and KILL after the grace period.
stop_process() {
  local pidfile=$1 grace=${2:-10}
  signal_process "$pidfile" TERM 2>/dev/null || { rm -f "$pidfile"; return 0; }
  signal_process "$pidfile" CONT 2>/dev/null || true
  if ! wait_until "$grace" "the end of $(basename "$pidfile" .pid)" process_gone "$pidfile"; then
    kill_process "$pidfile"
  fi
  rm -f "$pidfile"
}

kill_process() {
  signal_process "$1" KILL 2>/dev/null || return 0
  wait_until 10 "the end of $(basename "$1" .pid)" process_gone "$1"
}
