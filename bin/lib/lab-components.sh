# shellcheck shell=bash
# The product in a lab: operator, agents and fencer as processes, each under a supervisor, with the same identities and rights as in
# production.

DIST="${TRUSTEDLAUNCH_DIST:-$REPO/target/dist}"
# See archive_classes.
ARCHIVE="$DIST/archive"

# supervisor_pidfile COMPONENT: a component is named operator-N, fencer-N or agent-HOST.
supervisor_pidfile() { pidfile "supervisor-$1"; }

# write_token_kubeconfig NAME ACCOUNT ARGUMENTS...: with a token as pods get it; an agent's token is bound to its node.
write_token_kubeconfig() {
  local name=$1 token namespace=$NAMESPACE
  shift
  if [[ $1 == trusted-launch-fencer ]]; then namespace=$FENCING_NAMESPACE; fi
  token=$(kubectl_admin create token -n "$namespace" --duration 24h "$@")
  write_kubeconfig "$name" "{token: $token}"
}

write_agent_kubeconfig() {
  write_token_kubeconfig "agent-$1" trusted-launch-agent --bound-object-kind Node --bound-object-name "$1"
}

# java_command NAME JVM-ARGUMENTS...: sets JAVA to the common part of the command line of a component, whose role's classes and
# libraries it has, as in the role's image.
java_command() {
  local name=$1 role=${1%%-*} archive=() options lib
  lib="$DIST/$role"
  shift
  use_jdk
  [[ -d $lib ]] || die "the product is not built: run mvn -B -q package (with JAVA_HOME=$JAVA_HOME)"
  mkdir -p "$LAB_DIR/failpoints/$name"
  if [[ -d $ARCHIVE/$role ]] && archive_is_current; then
    lib="$ARCHIVE/$role"
    [[ ! -f $ARCHIVE/$role.classes ]] || archive=("$(class_archive_option read)=$ARCHIVE/$role.classes")
  fi
  # A copy, so that a build does not change the classes of a running process. It keeps the times of the files: a class archive
  # is valid for files of the same name and age, in any folder.
  rm -rf "$LAB_DIR/dist/$name"
  mkdir -p "$LAB_DIR/dist"
  cp -r --preserve=timestamps --reflink=auto "$lib" "$LAB_DIR/dist/$name"
  read -ra options <<<"$(lab_jvm_options "$role")"
  # To attach a debugger: JAVA_TOOL_OPTIONS in the environment of the start. The number of arenas is the chart's.
  JAVA=(env KUBECONFIG="$(kubeconfig "$name")" JAVA_HOME="$JAVA_HOME" MALLOC_ARENA_MAX=2
    "$JAVA_HOME/bin/java" "${options[@]}" "${archive[@]}" "$@"
    -jar "$LAB_DIR/dist/$name/trusted-launch-$role.jar")
}

# lab_jvm_options operator|agent: an agent has what the chart gives it, for digests need the second compiler; a lab's operator runs
# for minutes and is not worth it, unless speed is measured.
lab_jvm_options() {
  local options=""
  [[ $1 == agent ]] || options=${TRUSTEDLAUNCH_LAB_JVM_OPTIONS--XX:TieredStopAtLevel=1}
  echo "$(product_jvm_options "$1") $options"
}

# class_archive_option read|write: since version 25 JDKs archive more than classes, with other options.
class_archive_option() {
  case $1-$(($(jdk_version "$JAVA_HOME") >= 25)) in
    read-1) echo -XX:AOTCache ;;
    write-1) echo -XX:AOTCacheOutput ;;
    read-0) echo -XX:SharedArchiveFile ;;
    write-0) echo -XX:ArchiveClassesAtExit ;;
  esac
}

# Archives the loaded classes of the product: this halves the processor time of a start, and CrashE2E alone needs dozens of
# starts. A JVM ignores an archive of other classes.
archive_classes() { with_lock "$DIST/.archive.lock" "the product's classes" archive_classes_unless_done; }

# Whether the archive is newer than the build.
archive_is_current() { [[ -f $ARCHIVE/made && -z $(find "$DIST/operator" "$DIST/agent" -newer "$ARCHIVE/made" -print -quit) ]]; }

archive_classes_unless_done() {
  local role
  use_jdk
  if archive_is_current && [[ -f $ARCHIVE/agent.arguments ]]; then return 0; fi
  rm -rf "$ARCHIVE"
  mkdir "$ARCHIVE"
  for role in operator agent; do copy_unsigned "$role"; done
  touch "$ARCHIVE/made"
  record_classes
  # JDK 25 sometimes writes an archive that crashes every JVM.
  archives_work || { rm -f "$ARCHIVE"/*.classes && record_classes; }
  for role in operator agent; do use_archive "$role"; done
}

# Runs both components until a node is Ready; each JVM writes its archive when it exits.
record_classes() {
  local host role
  host=$(lab_hosts | head -n 1)
  train operator-1 operator --leader-elect-lease-seconds 3 --default-storage-location --default-image-eligibility-policy
  train "agent-$host" agent --node "$host" --allow-emulation
  # A Ready node has certificates and has tried a TPM, so both processes have loaded most of their classes.
  kubectl_admin wait "clusternode/$host" --for=create --timeout=120s
  kubectl_admin wait "clusternode/$host" --for=condition=Ready --timeout=120s
  # They must end in order.
  for role in operator agent; do
    stop_process "$(pidfile "training-$role")" 120
    mv "$ARCHIVE/$role.new" "$ARCHIVE/$role.classes" || true
  done
  # Removes the object of an agent that no longer runs.
  kubectl_admin delete clusternode "$host"
}

# copy_unsigned ROLE: JVMs do not archive classes of signed jars, so the signatures are removed.
copy_unsigned() {
  local jar
  cp -r --preserve=timestamps --reflink=auto "$DIST/$1" "$ARCHIVE/$1"
  for jar in "$ARCHIVE/$1"/bc*.jar; do zip -q -d "$jar" 'META-INF/*.SF' 'META-INF/*.DSA' 'META-INF/*.RSA' || break; done
}

# train NAME COMMAND...: starts a component to record its classes.
train() {
  local name=$1 role=$2 prefix=()
  shift
  java_command "$name" "$(class_archive_option write)=$ARCHIVE/$role.new"
  if [[ $role == agent ]]; then
    set_enter "${name#agent-}"
    prefix=("${ENTER[@]}")
    write_agent_kubeconfig "${name#agent-}"
  else
    write_token_kubeconfig "$name" trusted-launch-operator
  fi
  daemon "$(pidfile "training-$role")" "$(logfile "training-$role")" "${prefix[@]}" "${JAVA[@]}" "$@" --namespace "$NAMESPACE"
}

archives_work() { archive_works operator && archive_works agent; }

# archive_works ROLE: whether a JVM starts from it.
archive_works() {
  local options
  read -ra options <<<"$(lab_jvm_options "$1")"
  [[ -f $ARCHIVE/$1.classes ]] && "$JAVA_HOME/bin/java" "${options[@]}" "$(class_archive_option read)=$ARCHIVE/$1.classes" \
    -jar "$ARCHIVE/$1/trusted-launch-$1.jar" --version
}

# use_archive ROLE: deletes one that does not work. Tests that start the product without a lab read the arguments.
use_archive() {
  local role=$1 option
  option="$(class_archive_option read)=$ARCHIVE/$role.classes"
  if ! archive_works "$role"; then
    warn "the $role runs without a class archive, so that each start takes twice the time: none was written, or no JVM starts from it"
    rm -f "$ARCHIVE/$role.classes"
    option=""
  fi
  echo "$(lab_jvm_options "$role") $option -jar $ARCHIVE/$role/trusted-launch-$role.jar" >"$ARCHIVE/$role.arguments"
}

# start_component NAME COMMAND...
start_component() {
  local name=$1
  shift
  daemon "$(supervisor_pidfile "$name")" "$(logfile "supervisor-$name")" \
    bash "$LIB/supervisor.sh" "$(pidfile "$name")" "$(logfile "$name")" "$@"
  wait_until 10 "$name" process_alive "$(pidfile "$name")"
}

start_operator() {
  local name=operator-$1 recovery=() more=()
  if process_alive "$(supervisor_pidfile "$name")"; then return 0; fi
  java_command "$name"
  write_token_kubeconfig "$name" trusted-launch-operator
  # The chart mounts it, if it is configured.
  kubectl_admin get configmap -n "$NAMESPACE" trusted-launch-recovery --ignore-not-found \
    -o jsonpath='{.data.recovery\.crt}' >"$LAB_DIR/run/$name.recovery.crt"
  [[ ! -s $LAB_DIR/run/$name.recovery.crt ]] || recovery=(--recovery-certificate "$LAB_DIR/run/$name.recovery.crt")
  [[ ! -f $LAB_DIR/operator.args ]] || mapfile -t more <"$LAB_DIR/operator.args"
  start_component "$name" "${JAVA[@]}" operator --namespace "$NAMESPACE" \
    --default-storage-location --default-image-eligibility-policy \
    --fencing-min-living-percent 50 --leader-elect-lease-seconds 6 --failpoints "$LAB_DIR/failpoints/$name" "${recovery[@]}" "${more[@]}"
}

start_agent() {
  local host=$1 name=agent-$1
  if process_alive "$(supervisor_pidfile "$name")"; then return 0; fi
  java_command "$name"
  write_agent_kubeconfig "$host"
  set_enter "$host"
  start_component "$name" "${ENTER[@]}" "${JAVA[@]}" agent --node "$host" --namespace "$NAMESPACE" \
    --allow-emulation --failpoints "$LAB_DIR/failpoints/$name"
}

start_fencer() {
  local name=fencer-$1
  if process_alive "$(supervisor_pidfile "$name")"; then return 0; fi
  java_command "$name"
  write_token_kubeconfig "$name" trusted-launch-fencer
  start_component "$name" "${JAVA[@]}" fencer --namespace "$FENCING_NAMESPACE" --leader-elect-lease-seconds 6
}

# The supervisor ends its process; the second line ends the process of a killed supervisor.
stop_component() {
  signal_process "$(pidfile "$1")" CONT 2>/dev/null || true
  stop_process "$(supervisor_pidfile "$1")" 25
  stop_process "$(pidfile "$1")" 20
}

signal_component() {
  signal_process "$(pidfile "$1")" "$2" || die "$1 is not running"
}

kill_component() {
  process_alive "$(pidfile "$1")" || die "$1 is not running"
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
    unsupervise) kill_process "$(supervisor_pidfile "$name")" ;;
    pause) signal_component "$name" STOP ;;
    resume) signal_component "$name" CONT ;;
    *) die "unknown action '$action': start, stop, restart, kill, unsupervise, pause or resume" ;;
  esac
}

# Ends all supervisors first, since they would restart their processes.
kill_components() {
  local file
  for file in "$LAB_DIR"/run/supervisor-*.pid; do [[ -f $file ]] && kill_process "$file"; done
  for file in "$LAB_DIR"/run/{operator,agent,fencer,training}-*.pid; do [[ -f $file ]] && kill_process "$file"; done
  return 0
}

# The agent crashes with its host and starts with it again.
crash_host_and_agent() {
  local supervisor
  supervisor=$(supervisor_pidfile "agent-$1")
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
