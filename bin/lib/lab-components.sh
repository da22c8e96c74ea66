# shellcheck shell=bash
# The product in a lab: operator and agents as processes, each under a supervisor, with the identity
# and the rights that they have in production.

DIST="${TRUSTEDLAUNCH_DIST:-$REPO/target/dist}"
# What is kept for many starts; see archive_classes.
ARCHIVE="$DIST/archive"

# A component is named operator-N or agent-HOST; this is its supervisor's name.
supervisor_of() { pidfile "supervisor-$1"; }

# Tokens as the API server gives them to pods: the operator's account, and for an agent its account
# bound to its node.
write_token_kubeconfig() {
  local name=$1 token
  shift
  token=$(kubectl_admin create token -n "$NAMESPACE" --duration 24h "$@")
  write_kubeconfig "$name" "{token: $token}"
}

write_agent_kubeconfig() {
  write_token_kubeconfig "agent-$1" trusted-launch-agent --bound-object-kind Node --bound-object-name "$1"
}

# Sets JAVA to the command line that both have in common; further arguments are the JVM's.
java_command() {
  local name=$1 lib="$DIST/lib" archive=()
  shift
  use_jdk
  [[ -d $lib ]] || die "the product is not built: mvn -B -q package (with JAVA_HOME=$JAVA_HOME)"
  mkdir -p "$LAB_DIR/failpoints/$name"
  if archive_is_current; then
    lib="$ARCHIVE/lib"
    [[ ! -f $ARCHIVE/${name%%-*} ]] || archive=("$(class_archive_option read)=$ARCHIVE/${name%%-*}")
  fi
  # An own copy: a build beside the lab must not change the classes of a running process. With its times: a class archive
  # is of files of that name and age, in whichever folder.
  rm -rf "$LAB_DIR/dist/$name"
  mkdir -p "$LAB_DIR/dist"
  cp -r --preserve=timestamps --reflink=auto "$lib" "$LAB_DIR/dist/$name"
  # To attach a debugger: JAVA_TOOL_OPTIONS in the environment of the start.
  JAVA=(env KUBECONFIG="$(kubeconfig "$name")" JAVA_HOME="$JAVA_HOME"
    "$JAVA_HOME/bin/java" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError "${archive[@]}" "$@"
    -jar "$LAB_DIR/dist/$name/trusted-launch-operator.jar")
}

# class_archive_option read|write: since version 25 JDKs keep more than classes.
class_archive_option() {
  case $1-$(($(jdk_version "$JAVA_HOME") >= 25)) in
    read-1) echo -XX:AOTCache ;;
    write-1) echo -XX:AOTCacheOutput ;;
    read-0) echo -XX:SharedArchiveFile ;;
    write-0) echo -XX:ArchiveClassesAtExit ;;
  esac
}

# Keeps what a JVM makes of the product's classes: with it a start takes half of the processor's time that it takes
# without, and CrashE2E alone makes dozens. A JVM that finds other classes than those goes without.
archive_classes() { with_lock "$DIST/.archive.lock" "the product's classes" archive_classes_unless_done; }

# Whether no build has come after it.
archive_is_current() { [[ -d $ARCHIVE/lib && -z $(find "$DIST/lib" -newer "$ARCHIVE/lib" -print -quit) ]]; }

archive_classes_unless_done() {
  local host jar role
  use_jdk
  if archive_is_current && [[ -f $ARCHIVE/agent.arguments ]]; then return 0; fi
  rm -rf "$ARCHIVE"
  mkdir "$ARCHIVE"
  cp -r --preserve=timestamps --reflink=auto "$DIST/lib" "$ARCHIVE/lib.new"
  # Classes of signed jars are read, verified and hashed at every start, and never kept.
  for jar in "$ARCHIVE"/lib.new/bc*.jar; do zip -q -d "$jar" 'META-INF/*.SF' 'META-INF/*.DSA' 'META-INF/*.RSA' || break; done
  mv "$ARCHIVE/lib.new" "$ARCHIVE/lib"
  host=$(lab_hosts | head -n 1)
  train operator-1 operator --leader-elect-lease-seconds 3
  train "agent-$host" agent --node "$host" --allow-emulation
  # With the operator's certificates and a TPM made for a trial: most of what either ever loads is loaded.
  kubectl_admin wait "clusternode/$host" --for=create --timeout=120s
  kubectl_admin wait "clusternode/$host" --for=condition=Ready --timeout=120s
  # In order: a JVM writes its archive as it ends.
  for role in operator agent; do end_training "$role"; done
  # Nothing waits for what an agent that is gone would say.
  kubectl_admin delete clusternode "$host"
}

# train NAME COMMAND...: starts it to see its classes.
train() {
  local name=$1 role=$2 way=()
  shift
  java_command "$name" "$(class_archive_option write)=$ARCHIVE/$role.new"
  if [[ $role == agent ]]; then
    way_into "${name#agent-}"
    way=("${ENTER[@]}")
    write_agent_kubeconfig "${name#agent-}"
  else
    write_token_kubeconfig "$name" trusted-launch-operator
  fi
  daemon "$(pidfile "training-$role")" "$(logfile "training-$role")" "${way[@]}" "${JAVA[@]}" "$@" --namespace "$NAMESPACE"
}

# JDK 25 has been seen to write an archive that crashes every JVM: one that none can start from is not kept.
end_training() {
  local role=$1 option jar="$ARCHIVE/lib/trusted-launch-operator.jar"
  stop_process "$(pidfile "training-$role")" 120
  option="$(class_archive_option read)=$ARCHIVE/$role"
  if ! mv "$ARCHIVE/$role.new" "$ARCHIVE/$role" ||
    ! "$JAVA_HOME/bin/java" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "$option" -jar "$jar" --version; then
    warn "the $role goes without an archive of its classes: none was written, or no JVM starts from it"
    rm -f "$ARCHIVE/$role"
    option=""
  fi
  # For whoever starts it without a lab.
  echo "$option -jar $jar" >"$ARCHIVE/$role.arguments"
}

# start_component NAME COMMAND...
start_component() {
  local name=$1
  shift
  daemon "$(supervisor_of "$name")" "$(logfile "supervisor-$name")" \
    bash "$LIB/supervisor.sh" "$(pidfile "$name")" "$(logfile "$name")" "$@"
  wait_until 10 "$name" process_alive "$(pidfile "$name")"
}

start_operator() {
  local name=operator-$1 recovery=() more=()
  if process_alive "$(supervisor_of "$name")"; then return 0; fi
  java_command "$name"
  write_token_kubeconfig "$name" trusted-launch-operator
  # As the chart has it mounted, or not.
  kubectl_admin get configmap -n "$NAMESPACE" trusted-launch-recovery --ignore-not-found \
    -o jsonpath='{.data.recovery\.crt}' >"$LAB_DIR/run/$name.recovery.crt"
  [[ ! -s $LAB_DIR/run/$name.recovery.crt ]] || recovery=(--recovery-certificate "$LAB_DIR/run/$name.recovery.crt")
  [[ ! -f $LAB_DIR/operator.args ]] || mapfile -t more <"$LAB_DIR/operator.args"
  start_component "$name" "${JAVA[@]}" operator --namespace "$NAMESPACE" \
    --leader-elect-lease-seconds 6 --failpoints "$LAB_DIR/failpoints/$name" "${recovery[@]}" "${more[@]}"
}

start_agent() {
  local host=$1 name=agent-$1
  if process_alive "$(supervisor_of "$name")"; then return 0; fi
  java_command "$name"
  write_agent_kubeconfig "$host"
  way_into "$host"
  start_component "$name" "${ENTER[@]}" "${JAVA[@]}" agent --node "$host" --namespace "$NAMESPACE" \
    --allow-emulation --failpoints "$LAB_DIR/failpoints/$name"
}

# The supervisor ends its process; what a killed supervisor left is ended here.
stop_component() {
  signal_process "$(pidfile "$1")" CONT 2>/dev/null || true
  stop_process "$(supervisor_of "$1")" 25
  stop_process "$(pidfile "$1")" 20
}

signal_component() {
  signal_process "$(pidfile "$1")" "$2" || die "$1 does not run"
}

kill_component() {
  process_alive "$(pidfile "$1")" || die "$1 does not run"
  kill_process "$(pidfile "$1")"
}

start_product() {
  local host
  start_operator 1
  for host in $(lab_hosts); do start_agent "$host"; done
}

stop_product() {
  local file
  for file in "$LAB_DIR"/run/supervisor-*.pid; do
    [[ -f $file ]] || continue
    file=$(basename "$file" .pid)
    stop_component "${file#supervisor-}"
  done
}

# component NAME ACTION START-COMMAND...
component() {
  local name=$1 action=$2
  shift 2
  case $action in
    start) lab_lock "$@" ;;
    stop) lab_lock stop_component "$name" ;;
    restart)
      lab_lock stop_component "$name"
      lab_lock "$@"
      ;;
    kill) kill_component "$name" ;;
    pause) signal_component "$name" STOP ;;
    resume) signal_component "$name" CONT ;;
    *) die "unknown action '$action': start, stop, restart, kill, pause or resume" ;;
  esac
}

# Supervisors first, all at once, or they would start again what is being ended.
kill_components() {
  local file
  for file in "$LAB_DIR"/run/supervisor-*.pid; do [[ -f $file ]] && kill_process "$file"; done
  for file in "$LAB_DIR"/run/{operator,agent,training}-*.pid; do [[ -f $file ]] && kill_process "$file"; done
  return 0
}

# A crashed host's agent dies with it, and comes back when the host does.
crash_host_and_agent() {
  local supervisor
  supervisor=$(supervisor_of "agent-$1")
  if process_alive "$supervisor"; then
    touch "$LAB_DIR/run/agent-$1.at-boot"
    kill_process "$supervisor"
  fi
  crash_host "$1"
}

start_host_and_agent() {
  start_host "$1"
  if [[ -f $LAB_DIR/run/agent-$1.at-boot ]]; then
    rm "$LAB_DIR/run/agent-$1.at-boot"
    start_agent "$1"
  fi
}
