# shellcheck shell=bash
# The management controllers of a lab's hosts: one Redfish server for all, outside of them, since its switch is their power cut.

BMC_PORT=8443

start_bmc() {
  command -v python3 >/dev/null || die "python3 is not installed: bin/setup"
  make_bmc_credentials
  daemon "$(pidfile bmc)" "$(logfile bmc)" env LAB_DIR="$LAB_DIR" NETNS_PREFIX="$(host_netns "")" \
    TRUSTEDLAUNCH_LAB_ROOT="$LAB_ROOT" python3 "$LIB/lab-bmc.py" "$GATEWAY" "$BMC_PORT" "$LAB"
  wait_until 20 "the management controllers" bmc_ready
}

bmc_ready() { curl -sSf --max-time 5 --cacert "$LAB_DIR/pki/ca.crt" "https://$GATEWAY:$BMC_PORT/redfish/v1/"; }

# set_bmc_faults FAULT...: of the next commands to switch, whichever host they are for. Earlier lies end.
set_bmc_faults() {
  local fault
  for fault in "$@"; do
    [[ $fault =~ ^(refuse|ignore|late|lie|swap)$ ]] || die "unknown fault $fault (see bin/lab --help)"
  done
  rm -f "$LAB_DIR/bmc.lies"
  echo "$@" >"$LAB_DIR/bmc.faults"
}

make_bmc_credentials() {
  [[ -f $LAB_DIR/pki/bmc.password ]] && return 0
  (
    cd "$LAB_DIR/pki"
    certificate bmc "/CN=bmc" "extendedKeyUsage=serverAuth
subjectAltName=IP:$GATEWAY"
    umask 077
    openssl rand -hex 16 >bmc.password
  )
}

# print_fence_devices NAMESPACE: a FenceDevice for each host, and its Secret in this namespace.
print_fence_devices() {
  local host address="$GATEWAY:$BMC_PORT"
  make_bmc_credentials >&2
  for host in $(lab_hosts); do
    cat <<YAML
---
apiVersion: trustedlaunch.io/v1alpha1
kind: FenceDevice
metadata: {name: $host}
spec:
  nodeName: $host
  agent: fence_redfish
  address: $address
  systemsURI: /redfish/v1/Systems/$host
  secretRef: {name: bmc-$host}
---
apiVersion: v1
kind: Secret
metadata: {name: bmc-$host, namespace: $1}
stringData:
  nodeName: $host
  address: $address
  username: admin
  password: $(<"$LAB_DIR/pki/bmc.password")
  ca.crt: |
$(sed 's/^/    /' "$LAB_DIR/pki/ca.crt")
YAML
  done
}
