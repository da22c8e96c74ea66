# shellcheck shell=bash
# The steps of a demo: each is shown while it runs, and again in a table at the end with its facts and its duration.

SHOWN_STEPS=() SHOWN_SECONDS=()

# open_table FOLDER: starts an empty table, kept in the folder.
open_table() {
  SHOWN_DIR=$1
  rm -rf "$SHOWN_DIR"
  mkdir -p "$SHOWN_DIR"
}

# fact TEXT: called by a step, records what it showed. Steps run in subshells, so facts go to a file.
fact() { printf '%s\n' "$*" >>"$SHOWN_DIR/facts"; }

# keep NAME VALUE, kept NAME: pass a value from one step to a later one.
keep() { printf '%s' "$2" >"$SHOWN_DIR/kept-$1"; }
kept() { cat "$SHOWN_DIR/kept-$1"; }

# show TEXT COMMAND...
show() {
  local text=$1 started=$SECONDS
  shift
  : >"$SHOWN_DIR/facts"
  step "$text" "$@"
  sed 's/^/      /' "$SHOWN_DIR/facts" >&2
  SHOWN_STEPS+=("$text")
  SHOWN_SECONDS+=("$((SECONDS - started))")
  cp "$SHOWN_DIR/facts" "$SHOWN_DIR/facts-${#SHOWN_STEPS[@]}"
}

show_table() {
  local i line total=0
  printf '\n%-52s %8s\n' "step" "seconds"
  for ((i = 0; i < ${#SHOWN_STEPS[@]}; i++)); do
    total=$((total + SHOWN_SECONDS[i]))
    printf '%-52s %8d\n' "${SHOWN_STEPS[i]}" "${SHOWN_SECONDS[i]}"
    while read -r line; do printf '    %s\n' "$line"; done <"$SHOWN_DIR/facts-$((i + 1))"
  done
  printf '%-52s %8d\n' "total" "$total"
}
