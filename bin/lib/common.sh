# shellcheck shell=bash
# Messages, progress and other functions for all scripts. Sourced, never run.

REPO="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
LIB="$REPO/bin/lib"
CACHE="${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/trusted-launch"

say() { printf '%s\n' "$*" >&2; }

warn() { printf 'warning: %s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

need_root() {
  [[ $EUID -eq 0 ]] || die "run this as root: it creates network and mount namespaces and starts libvirt"
}

# A step runs in its own process group, so that Ctrl-C can end all of it: a plain background job of a script ignores SIGINT
# and would keep running.
STEP_PID=""
end_step() {
  if [[ -n $STEP_PID ]]; then
    kill -TERM -- "-$STEP_PID" 2>/dev/null || true
    STEP_PID=""
  fi
}
trap 'end_step; exit 130' INT
trap 'end_step; exit 143' TERM

# step TEXT COMMAND...: runs the command, which may be a function, and shows its progress: a spinner with the elapsed time on
# a terminal, a line every 20 seconds elsewhere. The command's output goes to a log, whose end is shown only on failure. The
# command runs in a subshell, so it cannot set variables of the caller.
step() {
  local text=$1 log rc=0 started=$SECONDS shown=0 i=0 spin='|/-\'
  shift
  if [[ -n ${STEP_INSIDE:-} ]]; then
    # A step within a step only writes to the log of the outer one.
    say "$text"
    "$@"
    return
  fi
  log=$(mktemp /tmp/trusted-launch-step.XXXXXX)
  set -m
  (
    STEP_INSIDE=1 STEP_PID=""
    trap - INT TERM
    set -e
    "$@"
  ) >"$log" 2>&1 </dev/null &
  STEP_PID=$!
  set +m
  while kill -0 "$STEP_PID" 2>/dev/null; do
    if [[ -t 2 ]]; then
      printf '\r  %s %s (%ds) ' "${spin:i++%4:1}" "$text" "$((SECONDS - started))" >&2
    elif ((SECONDS - started >= shown + 20)); then
      shown=$((SECONDS - started))
      printf '  … %s (%ds)\n' "$text" "$shown" >&2
    fi
    sleep 0.1
  done
  wait "$STEP_PID" || rc=$?
  STEP_PID=""
  [[ -t 2 ]] && printf '\r\033[K' >&2
  if ((rc == 0)); then
    printf '  ✓ %s (%ds)\n' "$text" "$((SECONDS - started))" >&2
    rm -f "$log"
    return 0
  fi
  printf '  ✗ %s (%ds, exit code %d); the end of its output:\n' "$text" "$((SECONDS - started))" "$rc" >&2
  tail -n 30 "$log" | sed 's/^/    /' >&2
  say "    (full output: $log)"
  return "$rc"
}

# wait_until SECONDS WHAT COMMAND...: polls until the command succeeds. Also gives up if the script was killed: a step is a
# process of its own, and would keep running beside the next run.
wait_until() {
  local limit=$1 what=$2 end
  shift 2
  end=$((SECONDS + limit))
  until "$@" >/dev/null 2>&1; do
    kill -0 $$ 2>/dev/null || return 1
    if ((SECONDS >= end)); then
      say "gave up after $limit s waiting for $what"
      return 1
    fi
    sleep 0.2
  done
}

# with_lock FILE WHAT COMMAND...: runs the command while no other process of this machine holds the lock. A daemon that the
# command starts must not inherit the lock's descriptor; see daemon in process.sh.
with_lock() {
  local file=$1 what=$2 fd
  shift 2
  mkdir -p "$(dirname "$file")"
  exec {fd}>"$file"
  if ! flock -n "$fd"; then
    say "  … waiting for another process that works on $what"
    flock "$fd"
  fi
  # No "||" here: it would disable errexit inside the command.
  "$@"
  exec {fd}>&-
}
