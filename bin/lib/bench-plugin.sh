#!/usr/bin/env bash
# usage: bench-plugin.sh ROUNDS: installs the plugin that was built, and prints the processor time of its commands and of
# kubectl's, in milliseconds, one after the other.
set -euo pipefail

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
folder=$(mktemp -d /tmp/trusted-launch-bench.XXXXXX)
trap 'rm -rf "$folder"' EXIT
"$repository/bin/install-plugin" "$folder"
plugin="$folder/bin/kubectl-tlvm"

# processor_time COMMAND...: user and system, of all of its processes.
processor_time() {
  local TIMEFORMAT='%3U %3S'
  { time "$@" >/dev/null 2>"$folder/errors" || { cat "$folder/errors" && exit 1; } >&3; } 2>&1 |
    awk '{ printf "%d", ($1 + $2) * 1000 }'
}

exec 3>&2
# The first of each is not counted: it reads files into memory.
for ((round = 0; round <= $1; round++)); do
  images=$(processor_time "$plugin" images)
  lists=$(processor_time kubectl get guestimages)
  help=$(processor_time "$plugin" --help)
  helps=$(processor_time kubectl --help)
  ((round == 0)) || printf 'images %s ms; kubectl get %s ms\nhelp %s ms; kubectl --help %s ms\n' "$images" "$lists" "$help" "$helps"
done
