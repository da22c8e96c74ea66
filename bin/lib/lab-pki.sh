# shellcheck shell=bash
# The certificates of a lab's control plane, created once and valid for a year.

EC_KEY=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

# certificate NAME SUBJECT EXTENSIONS: a key and a certificate from the lab's CA.
certificate() {
  local name=$1 subject=$2 extensions=$3
  openssl req -new "${EC_KEY[@]}" -keyout "$name.key" -subj "$subject" -out "$name.csr"
  openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 \
    -extfile <(printf 'keyUsage=critical,digitalSignature,keyEncipherment\n%s\n' "$extensions") -out "$name.crt"
  rm "$name.csr"
}

make_pki() {
  [[ -d $LAB_DIR/pki ]] && return 0
  rm -rf "$LAB_DIR/pki.new"
  mkdir -m 0700 "$LAB_DIR/pki.new"
  (
    cd "$LAB_DIR/pki.new"
    openssl req -x509 "${EC_KEY[@]}" -keyout ca.key -out ca.crt -days 365 -subj "/CN=lab $LAB CA"
    certificate apiserver "/CN=kube-apiserver" "extendedKeyUsage=serverAuth,clientAuth
subjectAltName=IP:$GATEWAY,IP:127.0.0.1,IP:$SERVICE_ADDRESS,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
    certificate etcd "/CN=etcd" "extendedKeyUsage=serverAuth,clientAuth
subjectAltName=IP:$ETCD_ADDRESS"
    certificate admin "/O=system:masters/CN=lab-admin" extendedKeyUsage=clientAuth
    certificate kube-controller-manager "/CN=system:kube-controller-manager" extendedKeyUsage=clientAuth
    openssl ecparam -name prime256v1 -genkey -noout -out service-account.key
    openssl ec -in service-account.key -pubout -out service-account.pub
  )
  mv "$LAB_DIR/pki.new" "$LAB_DIR/pki"
}

# Created as an administrator does (docs/recovery.md): neither the lab's cluster nor its hosts can see the key.
make_recovery_pair() {
  local pair="$LAB_DIR/pki/recovery"
  [[ -f $pair.crt ]] && return 0
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -days 365 -subj "/CN=lab $LAB recovery" \
    -addext keyUsage=critical,keyAgreement -keyout "$pair.key" -out "$pair.crt"
}

# write_kubeconfig NAME USER-AS-YAML: for the lab's API server. It embeds all data, so that a process needs no other file of the
# lab.
write_kubeconfig() {
  local name=$1 user=$2 file
  file=$(kubeconfig "$name")
  (
    umask 077
    cat >"$file.new" <<YAML
apiVersion: v1
kind: Config
current-context: $LAB
clusters:
- name: $LAB
  cluster: {server: "$API_SERVER", certificate-authority-data: $(base64 -w0 "$LAB_DIR/pki/ca.crt")}
users:
- name: $name
  user: $user
contexts:
- name: $LAB
  context: {cluster: $LAB, user: $name}
YAML
  )
  mv "$file.new" "$file"
}

write_certificate_kubeconfig() {
  local pki="$LAB_DIR/pki"
  write_kubeconfig "$1" "{client-certificate-data: $(base64 -w0 "$pki/$1.crt"), client-key-data: $(base64 -w0 "$pki/$1.key")}"
}
