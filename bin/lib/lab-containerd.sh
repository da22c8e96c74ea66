# shellcheck shell=bash
# The nodes' containerd, with runc and the CNI plugins of the distribution. Pods have a network of their own on each node; this
# machine and all nodes know the routes, so that no address is translated but a service's.

PAUSE_IMAGE=localhost/pause:$PAUSE_VERSION

pod_network() { echo "10.$((170 + $(host_number "$1"))).$SLOT.0/24"; }

containerd_configuration() {
  local node=$1 etc
  etc="$(host_dir "$node")/containerd"
  mkdir -p "$etc/cni"
  # Not a bridge: what pods of one node send each other would pass by the rules for services where the kernel does not send a
  # bridge's frames through them.
  cat >"$etc/cni/pods.conflist" <<JSON
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "ptp", "ipam": {"type": "host-local", "dataDir": "/run/pod-addresses",
    "ranges": [[{"subnet": "$(pod_network "$node")"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
JSON
  cat >"$etc/config.toml" <<TOML
version = 2
# It would make a folder outside of the node's.
disabled_plugins = ["io.containerd.internal.v1.opt"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  # In a container, root may not lower the score of a process.
  restrict_oom_score_adj = true
  # Its profiles would be the whole machine's.
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$etc/cni"
TOML
}

# Routes to the pods of each node, on this machine and on the others; and to services, whose addresses kube-proxy replaces only
# in what has a route.
connect_pods() {
  local node=$1 netns peer
  netns=$(host_netns "$node")
  ip netns exec "$netns" sysctl -qw net.ipv4.ip_forward=1
  ip route replace "$(pod_network "$node")" via "$(host_address "$node")"
  ip -n "$netns" route replace "$SERVICE_RANGE" via "$GATEWAY"
  for peer in $(lab_nodes); do
    [[ $peer == "$node" ]] || ip -n "$netns" route replace "$(pod_network "$peer")" via "$(host_address "$peer")"
  done
}

start_containerd() {
  local node=$1
  # It would read a new network configuration before that is complete.
  process_alive "$(pidfile "containerd-$node")" || containerd_configuration "$node"
  set_enter "$node"
  daemon "$(pidfile "containerd-$node")" "$(logfile "containerd-$node")" "${ENTER[@]}" \
    containerd --config "$(host_dir "$node")/containerd/config.toml"
}

in_containerd() { in_host "$1" ctr --namespace k8s.io "${@:2}"; }

# The image that holds each pod's namespaces.
pause_image() {
  local folder="$LAB_DIR/pause"
  [[ ! -f $folder.tar ]] || return 0
  mkdir -p "$folder"
  cp "$(tool pause)" "$folder/"
  image_archive "$folder.tar.new" "$PAUSE_IMAGE" "$folder" /pause
  mv "$folder.tar.new" "$folder.tar"
}

# load_images ARCHIVE...: into every node. No node has another way to get an image.
load_images() {
  local archive node
  for archive in "$@"; do
    [[ -f $archive ]] || die "there is no file $archive"
    for node in $(lab_nodes); do in_containerd "$node" images import "$(realpath "$archive")"; done
  done
}
