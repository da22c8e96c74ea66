# shellcheck shell=bash
# A lab whose hosts are nodes of the cluster: each has a kubelet and a kube-proxy, and so has one more node, without libvirt.

# The folders that each node has for itself, besides those of a host.
KUBELET_PATHS=(/var/lib/kubelet /var/lib/containerd /var/lib/cni /var/log/pods /var/log/containers)

# The logs of pods are with the lab's others, which bin/test keeps.
place_pod_logs() {
  local folder="$LAB_DIR/logs/pods-$1"
  mkdir -p "$folder" "$(host_dir "$1")/var/log"
  ln -sfn "$folder" "$(host_dir "$1")/var/log/pods"
}

# Marks the lab. The control plane of a running lab was started for nodes without kubelets.
want_kubelets() {
  local name
  if has_kubelets; then return 0; fi
  ! process_alive "$(pidfile kube-apiserver)" || die "lab $LAB runs without kubelets: bin/lab down $LAB removes it"
  for name in "${KUBELET_TOOLS[@]}"; do tool "$name" >/dev/null || die "$name is missing: run bin/setup --kubelets"; done
  for name in containerd runc /usr/lib/cni/ptp; do
    command -v "$name" >/dev/null || die "$name is missing: run bin/setup --kubelets"
  done
  touch "$LAB_DIR/kubelets"
}

# Prints the folders of a node's cgroup: version 1 has one in each hierarchy.
node_cgroup() { findmnt -rn -t cgroup,cgroup2 -o TARGET | sed "s|\$|/$(host_netns "$1")|"; }

make_node_cgroup() {
  local folder file
  for folder in $(node_cgroup "$1"); do
    mkdir -p "$folder"
    # In version 1 no process can enter before these are set.
    for file in cpuset.cpus cpuset.mems; do
      if [[ $folder == */cpuset*/* ]]; then cat "$folder/../$file" >"$folder/$file"; fi
    done
  done
}

cgroup_is_gone() {
  find "$@" -name cgroup.procs -exec cat {} + | sort -u | xargs -r kill -KILL
  find "$@" -depth -type d -exec rmdir {} +
  ! ls -d "$@"
}

# Ends the processes of pods: most are in network namespaces of their own.
remove_node_cgroup() {
  local folders
  mapfile -t folders < <(node_cgroup "$1")
  wait_until 20 "the end of the pods of $1" cgroup_is_gone "${folders[@]}"
}

# make_certificate NAME SUBJECT EXTENSIONS: unless the lab already has it.
make_certificate() {
  [[ -f $LAB_DIR/pki/$1.crt ]] || (cd "$LAB_DIR/pki" && certificate "$@")
}

# The API server has an identity of its own at kubelets.
make_apiserver_kubelet_client() { make_certificate apiserver-kubelet-client "/CN=apiserver-kubelet-client" extendedKeyUsage=clientAuth; }

grant_apiserver_kubelets() {
  kubectl_admin create clusterrolebinding lab:apiserver-kubelet-client --clusterrole system:kubelet-api-admin \
    --user apiserver-kubelet-client --dry-run=client -o yaml | kubectl_admin apply -f -
}

start_scheduler() {
  make_certificate kube-scheduler "/CN=system:kube-scheduler" extendedKeyUsage=clientAuth
  write_certificate_kubeconfig kube-scheduler
  daemon "$(pidfile kube-scheduler)" "$(logfile kube-scheduler)" "${GO_SETTINGS[@]}" "$(tool kube-scheduler)" \
    --kubeconfig "$(kubeconfig kube-scheduler)" --leader-elect=false --bind-address "$ETCD_ADDRESS"
}

kubelet_configuration() {
  local node=$1 pki="$LAB_DIR/pki"
  cat >"$(host_dir "$node")/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $(host_address "$node")
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
volumePluginDir: /var/lib/kubelet/volume-plugins
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $pki/kubelet-$node.crt
tlsPrivateKeyFile: $pki/kubelet-$node.key
cgroupRoot: /$(host_netns "$node")
cgroupDriver: cgroupfs
failCgroupV1: false
enforceNodeAllocatable: []
failSwapOn: false
# The part of memory that spec.memoryForVMs of a ClusterNode can give to VMs, with 2Gi of it for the host.
systemReserved: {memory: 3Gi}
# No DNS server, and none of this machine's.
resolvConf: ""
# Memory and disk are shared with everything else on this machine.
evictionHard: {memory.available: 0%, nodefs.available: 0%, nodefs.inodesFree: 0%, imagefs.available: 0%, imagefs.inodesFree: 0%}
imageGCHighThresholdPercent: 100
YAML
}

# A kubelet registers its node itself.
start_kubelet() {
  local node=$1
  make_certificate "kubelet-$node" "/O=system:nodes/CN=system:node:$node" "extendedKeyUsage=clientAuth,serverAuth
subjectAltName=IP:$(host_address "$node"),DNS:$node"
  write_certificate_kubeconfig "kubelet-$node"
  kubelet_configuration "$node"
  set_enter "$node"
  daemon "$(pidfile "kubelet-$node")" "$(logfile "kubelet-$node")" "${ENTER[@]}" env GOMAXPROCS=1 "$(tool kubelet)" \
    --config "$(host_dir "$node")/kubelet.yaml" --kubeconfig "$(kubeconfig "kubelet-$node")" --node-ip "$(host_address "$node")"
}

start_kube_proxy() {
  local node=$1
  make_certificate kube-proxy "/CN=system:kube-proxy" extendedKeyUsage=clientAuth
  write_certificate_kubeconfig kube-proxy
  set_enter "$node"
  # Limits of connections are the whole machine's.
  daemon "$(pidfile "kube-proxy-$node")" "$(logfile "kube-proxy-$node")" "${ENTER[@]}" env GOMAXPROCS=1 "$(tool kube-proxy)" \
    --kubeconfig "$(kubeconfig kube-proxy)" --proxy-mode iptables --nodeport-addresses primary --bind-address "$(host_address "$node")" --cluster-cidr "$(pod_network "$node")" \
    --conntrack-max-per-core 0 --conntrack-tcp-timeout-established 0s --conntrack-tcp-timeout-close-wait 0s
}

# Whether the node has become Ready since its kubelet was started: what is on record may be from before a crash.
node_ready() {
  local status heartbeat
  read -r status heartbeat < <(kubectl_admin get node "$1" \
    -o 'jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.lastHeartbeatTime}{end}') || true
  [[ $status == True && ! $heartbeat < $(date -u -r "$(pidfile "kubelet-$1")" +%FT%TZ) ]]
}

# start_nodes NODE...: makes nodes of hosts.
start_nodes() {
  local node
  pause_image
  for node in "$@"; do
    make_host "$node"
    make_node_cgroup "$node"
    connect_pods "$node"
    start_containerd "$node"
  done
  for node in "$@"; do
    wait_until 60 "containerd of $node" in_containerd "$node" version
    in_containerd "$node" images import "$LAB_DIR/pause.tar" >/dev/null
    start_kubelet "$node"
    start_kube_proxy "$node"
  done
  for node in "$@"; do wait_until 120 "the node $node" node_ready "$node"; done
}

start_all_nodes() { start_nodes $(lab_nodes); }
