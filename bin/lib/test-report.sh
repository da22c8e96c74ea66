# shellcheck shell=bash
# Summarizes the reports of a test run, lists its failures, and says what took longest.

# sum_attribute NAME FILE...: adds up an attribute of the testsuite elements.
sum_attribute() {
  local name=$1
  shift
  sed -nE "s/.*<testsuite [^>]*[[:space:]]$name=\"([0-9]+)\".*/\1/p" "$@" /dev/null | awk '{n += $1} END {print n + 0}'
}

# failed_tests FILE...: prints a line for each failed test with its class, its name, and the beginning and the end of its message.
failed_tests() {
  awk '
    function attribute(name, line) {
      if (!match(line, "[[:space:]]" name "=\"[^\"]*\"")) return ""
      line = substr(line, RSTART, RLENGTH)
      sub(/^[^"]*"/, "", line)
      sub(/"$/, "", line)
      return line
    }
    /<testcase / { test = attribute("classname", $0) "." attribute("name", $0) }
    /<(failure|error)[ >]/ {
      message = attribute("message", $0)
      if (message == "") message = attribute("type", $0)
      gsub(/&#10;/, " ", message)
      gsub(/&quot;/, "\"", message)
      gsub(/&lt;/, "<", message)
      gsub(/&gt;/, ">", message)
      gsub(/&amp;/, "\\&", message)
      if (length(message) > 1200) message = substr(message, 1, 500) " ... " substr(message, length(message) - 699)
      print "failed: " test ": " message
    }' "$@" /dev/null
}

# skipped_tests FILE...: prints a line for each reason for which tests of a class were skipped.
skipped_tests() {
  awk '
    /<testcase / { test = $0; sub(/.*[[:space:]]classname="/, "", test); sub(/".*/, "", test) }
    /<skipped>/ {
      reason = $0
      sub(/.*<skipped>(<!\[CDATA\[)?/, "", reason)
      sub(/(\]\]>)?(<\/skipped>.*)?$/, "", reason)
      sub(/^[a-zA-Z0-9.]+Exception: (Assumption failed: )?/, "", reason)
      print "skipped: " test ": " substr(reason, 1, 200)
    }' "$@" /dev/null | sort -u
}

# slowest_classes FILE...: prints the twenty classes that took longest and the time of all, in seconds. A lane has a folder for each.
slowest_classes() {
  awk '
    match($0, /[[:space:]]time="[0-9.,]+"/) {
      took = substr($0, RSTART + 7, RLENGTH - 8)
      gsub(/,/, "", took)
      class = FILENAME
      sub(/\/TEST-junit-[^\/]*$/, "", class)
      sub(/\.xml$/, "", class)
      sub(/.*[.\/]/, "", class)
      if (int(took)) print int(took), class
      nextfile
    }' "$@" /dev/null | sort -rn | awk '
    { all += $1 }
    NR <= 20 { list = list (NR > 1 ? ", " : "") $2 " " $1 }
    END { if (NR) printf "slowest of %d s: %s\n", all, list }'
}

# Prints the failed tests, what was skipped and why, the slowest classes, and a summary: "123 passed, 0 failed, 2 skipped".
test_report() {
  local files tests failed skipped
  mapfile -t files < <(find "$REPO/target/surefire-reports" "$REPO/target/failsafe-reports" -name 'TEST-*.xml' 2>/dev/null)
  failed_tests "${files[@]}"
  skipped_tests "${files[@]}"
  # In some versions the attributes of a testsuite element span several lines.
  local joined
  joined=$(mktemp)
  for file in "${files[@]}"; do
    tr '\n' ' ' <"$file" | grep -oE '<testsuite [^>]*>' | head -n 1 >>"$joined"
  done
  tests=$(sum_attribute tests "$joined")
  failed=$(($(sum_attribute failures "$joined") + $(sum_attribute errors "$joined")))
  skipped=$(sum_attribute skipped "$joined")
  slowest_classes "${files[@]}"
  rm -f "$joined"
  echo "$((tests - failed - skipped)) passed, $failed failed, $skipped skipped"
}
