# shellcheck shell=bash
# The steps of bin/demo --story cluster: the product comes from its images and its chart, in a cluster with kubelets.

load_product() {
  local archive="$TRUSTEDLAUNCH_LAB_DIR/images.tar"
  "$REPO/bin/images" --built --archive "$archive" >"$DEMO_FOLDER/digests"
  fact "$(sed -E 's/(sha256:.{12}).*/\1…/' "$DEMO_FOLDER/digests")"
  "$REPO/bin/lab" images "$TRUSTEDLAUNCH_LAB" "$archive"
  rm "$archive"
}

pods() { kubectl get pods -n "$OPERATOR_NAMESPACE" --no-headers -o wide "$@" | awk '{ printf "%-36s %-10s on %s\n", $1, $3, $7 }'; }

install_product() {
  kubectl create namespace "$OPERATOR_NAMESPACE"
  kubectl label namespace "$OPERATOR_NAMESPACE" pod-security.kubernetes.io/enforce=privileged
  helm install trusted-launch "$REPO/helm/trusted-launch-operator" -n "$OPERATOR_NAMESPACE" --wait --timeout 10m \
    --set 'agent.extraArgs={--allow-emulation}'
  fact "$(pods -l app.kubernetes.io/component=operator)"
}

approve_nodes() { kubectl tlvm node approve host-a host-b; }

await_nodes() {
  wait_until 300 "both nodes to be ready" nodes_ready
  kubectl rollout status daemonset/trusted-launch-agent -n "$OPERATOR_NAMESPACE" --timeout 5m
  fact "$(pods -l app.kubernetes.io/component=agent)"
  fact "$(kubectl get clusternodes --no-headers)"
}

await_vm() {
  kubectl wait trustedlaunchvm "$DEMO_VM" -n "$DEMO_NAMESPACE" --for condition=Ready --timeout 5m
  fact "kubectl wait: $DEMO_VM is Ready"
}

require_it_goes_on() {
  local before=$1
  wait_until 120 "the guest's counter to increase" counts_beyond "$before"
  [[ -z $(boot_output 2) ]] || die "the guest rebooted"
  fact "its counter went from $before to $(last_count)"
}

drain_kubernetes_node() {
  local from to before
  from=$(vm "$DEMO_VM" .status.nodeName)
  to=$(kubectl get clusternodes -o json | jq -r --arg from "$from" '.items[].metadata.name | select(. != $from)')
  wait_until 120 "VM $DEMO_VM to be migratable" migratable
  before=$(last_count)
  kubectl drain "$from" --ignore-daemonsets --timeout 5m
  [[ $(on_host "$to" -- virsh list --uuid --state-running) == *"$(kept uid)"* ]] ||
    die "kubectl drain has ended, and the guest does not run on $to"
  fact "kubectl drain $from waited until $DEMO_VM had migrated to $to"
  require_it_goes_on "$before"
  kubectl uncordon "$from"
}

# While the agents start again, nobody sees the guest; it does not notice.
end_pods() {
  local before
  before=$(last_count)
  kubectl delete pods -n "$OPERATOR_NAMESPACE" -l 'app.kubernetes.io/component in (operator, agent)' --grace-period 0 --force
  kubectl rollout status deployment/trusted-launch-operator -n "$OPERATOR_NAMESPACE" --timeout 5m
  kubectl rollout status daemonset/trusted-launch-agent -n "$OPERATOR_NAMESPACE" --timeout 5m
  wait_until 120 "VM $DEMO_VM to be seen again" vm_has True
  require_it_goes_on "$before"
}

explain_pods() {
  say "the pods:"
  pods 2>/dev/null | sed 's/^/    /' >&2
  for component in operator agent; do
    say "the end of the logs of component $component:"
    kubectl logs -n "$OPERATOR_NAMESPACE" -l "app.kubernetes.io/component=$component" --tail 8 --prefix 2>/dev/null |
      cut -c1-240 | sed 's/^/    /' >&2
  done
}
