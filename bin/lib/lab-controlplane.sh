# shellcheck shell=bash
# A lab's control plane: etcd, kube-apiserver and kube-controller-manager as processes of this machine, at addresses that no
# other lab uses.

# The three share few cores with everything under test and do little work: one thread and rare garbage collections leave more
# processor time to the others.
GO_SETTINGS=(env GOGC=400 GOMAXPROCS=1)

make_bridge() {
  if ! ip link show "$BRIDGE" >/dev/null 2>&1; then
    ip link add "$BRIDGE" type bridge
  fi
  ip addr replace "$GATEWAY/24" dev "$BRIDGE"
  ip link set "$BRIDGE" up
}

etcd_call() {
  curl -sSf --speed-limit 1 --speed-time 60 --cacert "$LAB_DIR/pki/ca.crt" --cert "$LAB_DIR/pki/etcd.crt" --key "$LAB_DIR/pki/etcd.key" \
    "https://$ETCD_ADDRESS:2379$1" "${@:2}"
}

start_etcd() {
  local pki="$LAB_DIR/pki"
  # A lab's data need not survive a crash of the machine.
  daemon "$(pidfile etcd)" "$(logfile etcd)" "${GO_SETTINGS[@]}" "$(tool etcd)" --name lab --data-dir "$LAB_DIR/etcd" \
    --unsafe-no-fsync --log-level warn \
    --listen-client-urls "https://$ETCD_ADDRESS:2379" --advertise-client-urls "https://$ETCD_ADDRESS:2379" \
    --listen-peer-urls "http://$ETCD_ADDRESS:2380" --initial-advertise-peer-urls "http://$ETCD_ADDRESS:2380" \
    --initial-cluster "lab=http://$ETCD_ADDRESS:2380" \
    --client-cert-auth --trusted-ca-file "$pki/ca.crt" --cert-file "$pki/etcd.crt" --key-file "$pki/etcd.key"
  wait_until 60 "etcd" etcd_call /health
}

# Records all writes, the reads of Secrets, and what the operator reads or lists; other reads would only hide them. Where pods
# run the product, everything that its accounts do: it is compared with what they may do.
write_audit_policy() {
  local account="system:serviceaccount:$NAMESPACE:trusted-launch" everything=""
  if has_kubelets; then
    everything="- {level: Metadata, users: [\"$account-operator\", \"$account-agent\"]}"
  fi
  cat >"$LAB_DIR/audit-policy.yaml" <<YAML
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
$everything
- level: Metadata
  verbs: [create, update, patch, delete, deletecollection]
- level: Metadata
  resources: [{group: "", resources: [secrets]}]
- level: None
  resources: [{group: coordination.k8s.io, resources: [leases]}]
- level: Metadata
  verbs: [get, list]
  users: ["$account-operator"]
- level: None
YAML
}

apiserver_ready() {
  [[ $(kubectl_admin get --raw /readyz 2>/dev/null) == ok ]]
}

kubectl_admin() { "$(tool kubectl)" --kubeconfig "$(kubeconfig admin)" "$@"; }

start_apiserver() {
  local pki="$LAB_DIR/pki" arguments=(--endpoint-reconciler-type none)
  write_audit_policy
  if has_kubelets; then
    make_apiserver_kubelet_client
    arguments=(--endpoint-reconciler-type lease --allow-privileged --kubelet-preferred-address-types InternalIP
      --kubelet-certificate-authority "$pki/ca.crt"
      --kubelet-client-certificate "$pki/apiserver-kubelet-client.crt" --kubelet-client-key "$pki/apiserver-kubelet-client.key")
  fi
  daemon "$(pidfile kube-apiserver)" "$(logfile kube-apiserver)" "${GO_SETTINGS[@]}" "$(tool kube-apiserver)" \
    --etcd-servers "https://$ETCD_ADDRESS:2379" --etcd-cafile "$pki/ca.crt" \
    --etcd-certfile "$pki/etcd.crt" --etcd-keyfile "$pki/etcd.key" \
    --bind-address "$GATEWAY" --advertise-address "$GATEWAY" --secure-port 6443 "${arguments[@]}" \
    --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" \
    --client-ca-file "$pki/ca.crt" --cert-dir "$LAB_DIR/run" \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --service-cluster-ip-range "$SERVICE_RANGE" \
    --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$pki/service-account.pub" --service-account-signing-key-file "$pki/service-account.key" \
    --audit-policy-file "$LAB_DIR/audit-policy.yaml" --audit-log-path "$LAB_DIR/logs/audit.log" \
    --shutdown-delay-duration 0s
  wait_until 120 "kube-apiserver" apiserver_ready
}

# Only the controllers that a lab without kubelets needs. Not the node lifecycle controller: it would taint the lab's nodes, which have no
# kubelet.
CONTROLLERS=(
  garbage-collector-controller namespace-controller serviceaccount-controller
  root-ca-certificate-publisher-controller certificatesigningrequest-cleaner-controller
  clusterrole-aggregation-controller resourcequota-controller
  validatingadmissionpolicy-status-controller disruption-controller
)

start_controller_manager() {
  local pki="$LAB_DIR/pki" controllers
  controllers=$(IFS=, && echo "${CONTROLLERS[*]}")
  if has_kubelets; then controllers="*"; fi
  daemon "$(pidfile kube-controller-manager)" "$(logfile kube-controller-manager)" "${GO_SETTINGS[@]}" "$(tool kube-controller-manager)" \
    --kubeconfig "$(kubeconfig kube-controller-manager)" --leader-elect=false --controllers "$controllers" \
    --use-service-account-credentials --service-account-private-key-file "$pki/service-account.key" \
    --root-ca-file "$pki/ca.crt" --bind-address "$ETCD_ADDRESS" --cert-dir "$LAB_DIR/run" \
    --flex-volume-plugin-dir "$LAB_DIR/run/volume-plugins"
}

start_controllers() {
  start_controller_manager
  if has_kubelets; then start_scheduler; fi
}

start_controlplane() {
  make_bridge
  make_pki
  write_certificate_kubeconfig admin
  write_certificate_kubeconfig kube-controller-manager
  start_etcd
  start_apiserver
  if has_kubelets; then grant_apiserver_kubelets; fi
  start_controllers
  # A controller creates it, and the first objects of the namespace need it.
  wait_until 60 "the default service account" kubectl_admin -n default get serviceaccount default
}

# Kills the API server: it has no state to save, and would wait a minute for its watchers.
stop_apiserver() {
  kill_process "$(pidfile kube-apiserver)"
}

stop_controlplane() {
  kill_process "$(pidfile kube-controller-manager)"
  kill_process "$(pidfile kube-scheduler)"
  stop_apiserver
  kill_process "$(pidfile etcd)"
}

# Replaces the cluster with a new, empty one; hosts and guests keep running.
wipe() {
  local host
  stop_product
  stop_controlplane
  rm -rf "$LAB_DIR/etcd"
  start_controlplane
  for host in $(lab_hosts); do register_node "$host"; done
  install_chart
}

# snapshot FILE: saves the contents of etcd while it runs.
snapshot() {
  rm -f "$1.new"
  # One chunk per line, each encoded separately.
  etcd_call /v3/maintenance/snapshot -X POST -d '{}' | jq -r '.result.blob // empty' |
    python3 -c 'import base64, sys
for chunk in sys.stdin.buffer: sys.stdout.buffer.write(base64.b64decode(chunk))' >"$1.new"
  mv "$1.new" "$1"
}

# restore FILE: restores a snapshot as recommended for Kubernetes: raised revisions make all clients discard their caches.
restore() {
  [[ -s $1 ]] || die "no snapshot in $1"
  rm -rf "$LAB_DIR/etcd.new"
  "$(tool etcdutl)" snapshot restore "$1" --data-dir "$LAB_DIR/etcd.new" --name lab \
    --initial-cluster "lab=http://$ETCD_ADDRESS:2380" --initial-advertise-peer-urls "http://$ETCD_ADDRESS:2380" \
    --bump-revision 1000000 --mark-compacted
  stop_controlplane
  rm -rf "$LAB_DIR/etcd"
  mv "$LAB_DIR/etcd.new" "$LAB_DIR/etcd"
  start_etcd
  start_apiserver
  start_controllers
}
