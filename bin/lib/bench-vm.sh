# shellcheck shell=bash
# One VM with the proof guest in a lab, for a benchmark. Its namespace and the resources that it needs are named $name.

vm() { kubectl -n "$name" "$@"; }

await_running() { vm wait tlvm/vm --for="condition=Running=$1" --timeout=300s >/dev/null; }

make_vm() {
  local image="$REPO/target/proof-guest/proof-guest.qcow2"
  "$REPO/bin/proof-guest" "$REPO/target/proof-guest" >/dev/null
  install -d "$TRUSTEDLAUNCH_LAB_DIR/shared/images"
  cp "$image" "$TRUSTEDLAUNCH_LAB_DIR/shared/images/$name.qcow2"
  kubectl create namespace "$name" >/dev/null
  kubectl apply --validate=strict -f - >/dev/null <<MANIFEST
apiVersion: trustedlaunch.io/v1alpha1
kind: StorageLocation
metadata: {name: $name}
spec: {path: /var/lib/trusted-launch-shared}
---
apiVersion: trustedlaunch.io/v1alpha1
kind: ImageEligibilityPolicy
metadata: {name: $name}
spec: {provenance: None, rules: [{name: bench, publisher: $name}]}
---
apiVersion: trustedlaunch.io/v1alpha1
kind: GuestImage
metadata: {name: $name}
spec:
  osType: Linux
  identifier: {publisher: $name, offer: bench, sku: bench}
  version: "1"
  source: {file: {storageLocationRef: {name: $name}, path: images/$name.qcow2}}
  sha256: $(sha256sum "$image" | cut -d' ' -f1)
---
apiVersion: trustedlaunch.io/v1alpha1
kind: TrustedLaunchVM
metadata: {name: vm, namespace: $name}
spec:
  imageRef: {name: $name}
  cores: 1
  memory: 512Mi
  storageLocationRef: {name: $name}
  osDisk: {size: 1Gi}
  terminationGracePeriodSeconds: 1
MANIFEST
}

remove_vm() {
  kubectl delete namespace "$name" --wait=true >/dev/null || true
  kubectl delete guestimage,imageeligibilitypolicy,storagelocation "$name" --ignore-not-found >/dev/null || true
}
