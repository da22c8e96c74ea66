# shellcheck shell=bash
# Finds a JDK or a Java runtime of version 21 or newer; the machine's default java may be older.

# Where jdk-install.sh unpacks one for a release without a package.
UNPACKED_JDK="$CACHE/jdk/openjdk-21"

jdk_version() { sed -nE 's/^JAVA_VERSION="([0-9]+).*/\1/p' "$1/release" 2>/dev/null; }

# is_usable_java HOME PROGRAM
is_usable_java() {
  local version
  [[ -x $1/bin/$2 ]] || return 1
  version=$(jdk_version "$1")
  [[ -n $version ]] && ((version >= 21))
}

# find_java PROGRAM: prints the home of the Java to use, with this program: JAVA_HOME if it is new enough, else the newest in
# the usual places.
find_java() {
  local program=$1 home best="" best_version=0 version
  if [[ -n ${JAVA_HOME:-} ]] && is_usable_java "$JAVA_HOME" "$program"; then
    echo "$JAVA_HOME"
    return
  fi
  for home in /usr/lib/jvm/* /opt/java/* /opt/jdk* "$UNPACKED_JDK"; do
    [[ ! -L $home ]] && is_usable_java "$home" "$program" || continue
    version=$(jdk_version "$home")
    if ((version > best_version)); then best=$home best_version=$version; fi
  done
  if [[ -z $best ]] && home=$(command -v "$program"); then
    home=$(dirname "$(dirname "$(readlink -f "$home")")")
    if is_usable_java "$home" "$program"; then best=$home; fi
  fi
  [[ -n $best ]] && echo "$best"
}

find_jdk() { find_java javac; }

# Exports JAVA_HOME and puts it first in the path, for Maven and for the lab's processes.
use_jdk() {
  JAVA_HOME=$(find_jdk) || die "no JDK of version 21 or newer was found: run bin/setup"
  export JAVA_HOME PATH="$JAVA_HOME/bin:$PATH"
}

# Sets JAVA_HOME for a command of the product, on a machine that need not have been set up for a build.
use_java_runtime() {
  JAVA_HOME=$(find_java java) || die "no Java runtime of version 21 or newer was found: install one, or set JAVA_HOME to its folder"
}

# Written by the build, to run tests without Maven.
TEST_CLASS_PATH="$REPO/target/test-classpath"

test_class_path() { echo "$REPO/target/test-classes:$REPO/target/classes:$(<"$TEST_CLASS_PATH")"; }

# product_jvm_options operator|agent: those of the chart, with the memory of its containers, since nothing limits it here.
product_jvm_options() {
  local values="$REPO/helm/trusted-launch-operator/values.yaml"
  echo "-XX:MaxRAM=512m $(awk -v role="$1:" '
    /^[^ ]/ { inside = $0 == role; options = 0 }
    options && !/^    / { exit }
    options { $1 = $1; printf "%s ", $0 }
    inside && /^  jvmOptions:/ { options = 1 }' "$values" | sed 's/ $//')"
}
