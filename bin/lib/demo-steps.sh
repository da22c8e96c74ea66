# shellcheck shell=bash
# The steps of bin/demo. All secrets and identifiers are new in each run, so nothing shown can come from an earlier one.

DEMO_NAMESPACE=finance
DEMO_VM=payroll
OPERATOR_NAMESPACE=trusted-launch-system
DEMO_SECRET="s-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')"

# Two demos may start at once.
build() { with_lock "$REPO/target/.demo-build.lock" "the build" "$@"; }

build_product() {
  if [[ -d $REPO/target/dist/operator && -z $(find "$REPO/src/main" "$REPO/pom.xml" -newer "$REPO/target/dist/operator" -print -quit) ]]; then
    fact "up to date"
    return 0
  fi
  (cd "$REPO" && mvn -B -ntp -q package -Dmaven.test.skip=true)
  touch "$REPO/target/dist/operator"
}

nodes_ready() {
  [[ $(kubectl get clusternodes -o json | jq '[.items[] | select(any(.status.conditions[]?; .type == "Ready" and .status == "True"))] | length') == 2 ]]
}

start_product() {
  "$REPO/bin/lab" product "$TRUSTEDLAUNCH_LAB" start
  wait_until 120 "both nodes to be ready" nodes_ready
  fact "$(kubectl get clusternodes --no-headers)"
}

# apply FILE: applies a manifest of examples/demo with the values of this run.
apply() {
  sed -e "s|\${SHA256}|$(cat "$REPO/target/proof-guest/proof-guest.qcow2.sha256")|" -e "s|\${SECRET}|$DEMO_SECRET|" \
    -e "s|\${PUBLIC_KEY}|$(public_key)|" "$REPO/examples/demo/$1" | kubectl apply --validate=strict -f -
}

# Prints the public key of the catalog, escaped for YAML inside a sed replacement.
public_key() { sed 's/$/\\\\n/' "$TRUSTEDLAUNCH_LAB_DIR/catalog/key.pub" | tr -d '\n'; }

# Signs a catalog as a provider of images does, with a key pair that the cluster never sees.
sign_catalog() {
  local folder="$TRUSTEDLAUNCH_LAB_DIR/catalog"
  install -d -m 0700 "$folder"
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$folder/key.pem"
  openssl pkey -in "$folder/key.pem" -pubout -out "$folder/key.pub"
  kubectl tlvm catalog draft "$TRUSTEDLAUNCH_LAB_DIR/shared/images" --name demo/images --publisher trustedlaunch --offer proof-guest \
    --sku signed --image-version 1.0.0 --os-type Linux --generation 2 --architecture x64 -o "$folder/catalog.json"
  openssl dgst -sha256 -sign "$folder/key.pem" "$folder/catalog.json" | base64 >"$folder/catalog.json.sig"
  kubectl tlvm catalog check "$folder/catalog.json" --key "$folder/key.pub" --signature "$folder/catalog.json.sig"
}

# vm NAME JQ: prints a value of a VM.
vm() { kubectl -n "$DEMO_NAMESPACE" get trustedlaunchvm "$1" -o json | jq -r "$2"; }

# vm_is JQ-CONDITION: whether it is true of the demo's VM, with an up-to-date status.
vm_is() {
  [[ $(vm "$DEMO_VM" "(.status.observedGeneration == .metadata.generation) and ($1)") == true ]]
}
HAS='def has_condition($t; $s): any(.status.conditions[]?; .type == $t and .status == $s);'
vm_has() { vm_is "$HAS has_condition(\"Ready\"; \"True\") and has_condition(\"Running\"; \"$1\")"; }

apply_image() {
  install -d "$TRUSTEDLAUNCH_LAB_DIR/shared/images"
  cp "$REPO/target/proof-guest/proof-guest.qcow2" "$TRUSTEDLAUNCH_LAB_DIR/shared/images/"
  sign_catalog
  offer_image
}

# In a cluster that does not have it: the catalog that was signed, and the image.
offer_image() {
  kubectl create configmap demo-images -n "$OPERATOR_NAMESPACE" --from-file "$TRUSTEDLAUNCH_LAB_DIR/catalog/catalog.json" \
    --from-file "$TRUSTEDLAUNCH_LAB_DIR/catalog/catalog.json.sig"
  kubectl create namespace "$DEMO_NAMESPACE"
  apply 1-image.yaml
  kubectl wait guestimage/proof-guest --for condition=Ready --timeout 120s
  fact "$(kubectl get guestimage proof-guest --no-headers)"
}

# create_vm [MANIFEST]
create_vm() {
  apply "${1:-2-vm.yaml}"
  wait_until 300 "VM $DEMO_VM to run" vm_has True
  keep uid "$(vm "$DEMO_VM" .metadata.uid)"
  keep ek "$(vm "$DEMO_VM" .status.vTPM.ekDigest)"
  fact "on $(vm "$DEMO_VM" .status.nodeName), EK $(kept ek | cut -c1-16)…"
}

console_log() { echo "$TRUSTEDLAUNCH_LAB_DIR/hosts/$1/var/lib/trusted-launch/consoles/$(kept uid)/console.log"; }

# Each host has the log of the time that the guest was there; the one that it left was written to last before the others.
console() {
  local logs
  mapfile -t logs < <(compgen -G "$(console_log '*')" | xargs -d '\n' ls -tr)
  cat "${logs[@]}" | tr -d '\r'
}

# boot_output N: prints what the guest wrote in its boot number N.
boot_output() { console | awk -v n="$1" '/^PROOF boot=/ {boots++} boots == n'; }

# printed BOOT LINE: whether the guest printed exactly this line.
# No pipe into "grep -q": it exits early, and the writer fails.
printed() { grep -qxF "PROOF $2" <<<"$(boot_output "$1")"; }

require_printed() {
  printed "$1" "$2" || die "the guest's console does not show: PROOF $2"
  fact "guest: $2"
}

booted() { grep -q '^PROOF ready=' <<<"$(boot_output "$1")"; }

guest_proof() {
  wait_until 180 "the guest to boot" booted 1
  require_printed 1 secureboot=enabled
  grep -qE '^PROOF lockdown=.*\[(integrity|confidentiality)\]' <<<"$(boot_output 1)" || die "the guest's kernel is not locked down"
  fact "guest: $(boot_output 1 | sed -n 's/^PROOF \(lockdown=.*\)/\1/p')"
  require_printed 1 tpm=ok
  require_printed 1 nv=none
  require_printed 1 "nv-written=$DEMO_SECRET"
  require_printed 1 "ek=000b$(kept ek)"
}

run_strategy() {
  kubectl -n "$DEMO_NAMESPACE" patch trustedlaunchvm "$DEMO_VM" --type merge -p "{\"spec\":{\"runStrategy\":\"$1\"}}"
}

stop_vm() {
  run_strategy Halted
  wait_until 180 "VM $DEMO_VM to stop" vm_has False
  printed 1 poweroff=acpi || die "the guest did not shut down in order"
  fact "the guest shut down in order"
}

start_vm_again() {
  run_strategy Always
  wait_until 300 "VM $DEMO_VM to run again" vm_has True
  wait_until 180 "the guest to boot" booted 2
  require_printed 2 "nv=$DEMO_SECRET"
  require_printed 2 "ek=000b$(kept ek)"
  [[ $(vm "$DEMO_VM" .status.vTPM.ekDigest) == "$(kept ek)" ]] || die "the status names another EK"
}

restart_vm() {
  kubectl tlvm restart "$DEMO_VM" -n "$DEMO_NAMESPACE"
  wait_until 300 "the guest to boot again" booted 3
  require_printed 3 "nv=$DEMO_SECRET"
  require_printed 3 "ek=000b$(kept ek)"
}

refusal() { vm unwanted '.status.conditions[]? | select(.type == "ImageEligible" and .status == "False") | "\(.reason): \(.message)"'; }
is_refused() { [[ -n $(refusal) ]]; }

refused_vm() {
  apply 3-refused.yaml
  wait_until 60 "VM unwanted to be refused" is_refused
  fact "$(refusal)"
  [[ $(vm unwanted '.status.nodeName // empty') == "" ]] || die "VM unwanted has a node"
}

can_read() { kubectl auth can-i get "secret/$(kept uid)" -n "$OPERATOR_NAMESPACE" "$@" 2>/dev/null || true; }

key_custody() {
  local secret answer account="system:serviceaccount:$OPERATOR_NAMESPACE"
  secret=$(kept uid)
  fact "Secret $OPERATOR_NAMESPACE/$secret, type $(kubectl -n "$OPERATOR_NAMESPACE" get secret "$secret" -o jsonpath='{.type}')"
  kubectl -n "$DEMO_NAMESPACE" create rolebinding tenants --clusterrole edit --group tenants
  fact "the operator may read it: $(can_read --as "$account:trusted-launch-operator")"
  fact "a tenant with the edit role in $DEMO_NAMESPACE may read it: $(can_read --as tenant --as-group tenants)"
  if answer=$(kubectl --kubeconfig "$TRUSTEDLAUNCH_LAB_DIR/kubeconfig/agent-host-a.kubeconfig" \
    -n "$OPERATOR_NAMESPACE" get secret "$secret" 2>&1); then
    die "an agent's own credentials can read the key"
  fi
  [[ $answer == *Forbidden* || $answer == *forbidden* ]] || die "the request with an agent's credentials failed in another way: $answer"
  fact "with host-a's own credentials: ${answer:0:60}…"
}

explain_failure() {
  [[ -n ${TRUSTEDLAUNCH_LAB_DIR:-} ]] || return 0
  say "the VMs:"
  kubectl -n "$DEMO_NAMESPACE" get trustedlaunchvm -o json 2>/dev/null |
    jq -r '.items[] | "  \(.metadata.name): \(.status.phase)", (.status.conditions[]? | "    \(.type)=\(.status) \(.reason) \(.message)")' >&2
  if [[ $story == cluster ]]; then
    explain_pods
    return
  fi
  for log in "$TRUSTEDLAUNCH_LAB_DIR"/logs/{operator-1,agent-host-a,agent-host-b}.log; do
    say "the end of $(basename "$log"):"
    tail -n 8 "$log" 2>/dev/null | cut -c1-200 | sed 's/^/    /' >&2
  done
}
