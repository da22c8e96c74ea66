# shellcheck shell=bash
# Installs the product into a lab from its chart, as into any cluster, but without workloads: the lab runs operator and agents
# as processes.

NAMESPACE=trusted-launch-system
FENCING_NAMESPACE=trusted-launch-fencing
CHART="$REPO/helm/trusted-launch-operator"

install_chart() {
  kubectl_admin create namespace "$NAMESPACE" --dry-run=client -o yaml | kubectl_admin apply -f -
  if [[ ! -f $CHART/Chart.yaml ]]; then
    say "no chart in $CHART: nothing to install"
    return 0
  fi
  make_recovery_pair
  "$(tool helm)" --kubeconfig "$(kubeconfig admin)" upgrade --install trusted-launch "$CHART" -n "$NAMESPACE" \
    --set operator.enabled=false,agent.enabled=false,fencing.enabled=true,fencing.fencer.enabled=false \
    --set-file "recovery.certificate=$LAB_DIR/pki/recovery.crt"
  # kubectl does not wait for a definition whose status is still empty: it fails.
  wait_until 60 "the custom resource definitions" kubectl_admin wait customresourcedefinitions \
    --selector app.kubernetes.io/part-of=trusted-launch-operator --for condition=Established --timeout 60s
}
