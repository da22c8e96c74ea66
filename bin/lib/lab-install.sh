# shellcheck shell=bash
# Installs the product into a lab from its chart, as into any cluster, but without workloads: the lab runs operator and agents
# as processes.

NAMESPACE=trusted-launch-system
CHART="$REPO/helm/trusted-launch-operator"

install_chart() {
  kubectl_admin create namespace "$NAMESPACE" --dry-run=client -o yaml | kubectl_admin apply -f -
  if [[ ! -f $CHART/Chart.yaml ]]; then
    say "no chart in $CHART: nothing to install"
    return 0
  fi
  # Helm installs crds/ once and never upgrades them.
  if [[ -d $CHART/crds ]]; then
    kubectl_admin apply --server-side --force-conflicts -f "$CHART/crds"
    kubectl_admin wait --for condition=Established --timeout 60s -f "$CHART/crds"
  fi
  make_recovery_pair
  "$(tool helm)" --kubeconfig "$(kubeconfig admin)" upgrade --install trusted-launch "$CHART" -n "$NAMESPACE" \
    --skip-crds --set operator.enabled=false --set agent.enabled=false \
    --set-file "recovery.certificate=$LAB_DIR/pki/recovery.crt"
}
