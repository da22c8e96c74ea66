# shellcheck shell=bash
# Counts what Surefire and Failsafe wrote about a run.

# sum_attribute NAME FILE...: adds up an attribute of the testsuite elements.
sum_attribute() {
  local name=$1
  shift
  sed -nE "s/.*<testsuite [^>]*[[:space:]]$name=\"([0-9]+)\".*/\1/p" "$@" /dev/null | awk '{n += $1} END {print n + 0}'
}

# One line, which says all: "123 passed, 0 failed, 2 skipped".
test_report() {
  local files tests failed skipped
  mapfile -t files < <(find "$REPO/target/surefire-reports" "$REPO/target/failsafe-reports" -name 'TEST-*.xml' 2>/dev/null)
  # The attributes of a testsuite element stand on several lines in some versions.
  local joined
  joined=$(mktemp)
  for file in "${files[@]}"; do
    tr '\n' ' ' <"$file" | grep -oE '<testsuite [^>]*>' | head -n 1 >>"$joined"
  done
  tests=$(sum_attribute tests "$joined")
  failed=$(($(sum_attribute failures "$joined") + $(sum_attribute errors "$joined")))
  skipped=$(sum_attribute skipped "$joined")
  rm -f "$joined"
  echo "$((tests - failed - skipped)) passed, $failed failed, $skipped skipped"
}
