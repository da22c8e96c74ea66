# shellcheck shell=bash
# The control plane's programs. They come from KUBEBUILDER_ASSETS (the convention of envtest) or from the cache; otherwise
# they are built from their Go modules into the cache.

# The go.mod files of helm and Kubernetes name the same versions of common modules, so these compile once, which saves a minute.
KUBERNETES_VERSION=1.37.2
ETCD_VERSION=3.6.15
HELM_VERSION=3.22.0
COSIGN_VERSION=2.6.5
VERSITYGW_VERSION=1.8.0
PAUSE_VERSION=1
KSTATUS_VERSION=0.37.2
# The newest whose modules can be built outside of Argo CD's repository.
ARGOCD_VERSION=3.2.12
# Of github.com/fluxcd/pkg/runtime.
FLUX_VERSION=0.117.0

CONTROLPLANE_TOOLS=(kube-apiserver kube-controller-manager kubectl etcd etcdutl helm)
# Used by tests only.
TEST_TOOLS=(versitygw kstatus argocd-health flux-health)
# Used by bin/release, and so by its campaign.
RELEASE_TOOLS=(helm cosign)
# Used by labs with kubelets only.
KUBELET_TOOLS=(kubelet kube-proxy kube-scheduler pause)
GO_MINIMUM=1.26

tool_version() {
  case $1 in
    kube-apiserver | kube-controller-manager | kubectl | kubelet | kube-proxy | kube-scheduler) echo "$KUBERNETES_VERSION" ;;
    pause) echo "$PAUSE_VERSION" ;;
    etcd | etcdutl) echo "$ETCD_VERSION" ;;
    helm) echo "$HELM_VERSION" ;;
    cosign) echo "$COSIGN_VERSION" ;;
    versitygw) echo "$VERSITYGW_VERSION" ;;
    kstatus) echo "$KSTATUS_VERSION" ;;
    argocd-health) echo "$ARGOCD_VERSION" ;;
    flux-health) echo "$FLUX_VERSION" ;;
    *) die "unknown tool $1" ;;
  esac
}

# tool NAME: prints the path of a program, or fails.
tool() {
  local cached
  if [[ -n ${KUBEBUILDER_ASSETS:-} && -x $KUBEBUILDER_ASSETS/$1 ]]; then
    echo "$KUBEBUILDER_ASSETS/$1"
    return
  fi
  cached="$CACHE/$1-$(tool_version "$1")/$1"
  [[ -x $cached ]] || return 1
  echo "$cached"
}

# Prints the folders of the programs, joined for PATH.
tools_path() {
  local name path=""
  for name in "${CONTROLPLANE_TOOLS[@]}"; do
    path+="$(dirname "$(tool "$name")"):" || die "$name is missing: run bin/setup"
  done
  for name in "${TEST_TOOLS[@]}" "${RELEASE_TOOLS[@]}"; do
    if tool "$name" >/dev/null; then path+="$(dirname "$(tool "$name")"):"; fi
  done
  tr ':' '\n' <<<"$path" | awk 'NF && !seen[$0]++' | paste -sd:
}

# With GOTOOLCHAIN=auto, any Go since 1.21 downloads the version that a module requires.
find_go() {
  local go version
  for go in "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go-*/bin/go; do
    [[ -x $go ]] || continue
    version=$(GOTOOLCHAIN=local "$go" env GOVERSION 2>/dev/null) || continue
    if [[ $(printf 'go1.21\n%s\n' "$version" | sort -V | head -n 1) == go1.21 ]]; then
      echo "$go"
      return
    fi
  done
  return 1
}

install_go() {
  find_go >/dev/null && return 0
  if package_known golang-go && [[ $(apt-cache policy golang-go | sed -n 's/^ *Candidate: 2:\(1\.[0-9]*\).*/\1/p') =~ ^1\.(2[1-9]|[3-9][0-9])$ ]]; then
    step "Go" apt_install golang-go
    return
  fi
  die "the control plane's programs are in neither KUBEBUILDER_ASSETS nor $CACHE, and there is no Go to build them.
  Install Go $GO_MINIMUM or newer (any since 1.21 downloads the right one), or set KUBEBUILDER_ASSETS to a folder with ${CONTROLPLANE_TOOLS[*]}, and run this again."
}

# go_build MODULE PACKAGE NAME: builds into the cache. An interrupted build leaves nothing that a later run would use.
go_build() {
  local module=$1 package=$2 name=$3 flags="-s -w" target build
  target="$CACHE/$name-$(tool_version "$name")"
  build="$CACHE/.building-$name.$$"
  if [[ $module == kubernetes ]]; then
    # kubectl fails on a version that it cannot parse.
    flags+=" -X k8s.io/component-base/version.gitVersion=v$KUBERNETES_VERSION"
    flags+=" -X k8s.io/component-base/version.gitMajor=${KUBERNETES_VERSION%%.*}"
    flags+=" -X k8s.io/component-base/version.gitMinor=$(cut -d. -f2 <<<"$KUBERNETES_VERSION")"
  elif [[ $module == helm ]]; then
    flags+=" -X helm.sh/helm/v3/internal/version.version=v$HELM_VERSION"
  elif [[ $module == cosign ]]; then
    flags+=" -X sigs.k8s.io/release-utils/version.gitVersion=v$COSIGN_VERSION"
  fi
  rm -rf "$build"
  mkdir -p "$build"
  (
    cd "$LIB/controlplane/$module"
    CGO_ENABLED=0 GOFLAGS=-mod=readonly GOTOOLCHAIN=auto \
      "$(find_go)" build -trimpath -buildvcs=false -ldflags "$flags" -o "$build/$name" "$package"
  )
  rm -rf "$target"
  mv "$build" "$target"
}

build_tool() {
  case $1 in
    kube-apiserver | kube-controller-manager | kubectl | kubelet | kube-proxy | kube-scheduler)
      go_build kubernetes "k8s.io/kubernetes/cmd/$1" "$1"
      ;;
    pause) go_build pause . pause ;;
    etcd) go_build etcd . etcd ;;
    etcdutl) go_build etcd go.etcd.io/etcd/etcdutl/v3 etcdutl ;;
    helm) go_build helm helm.sh/helm/v3/cmd/helm helm ;;
    cosign) go_build cosign github.com/sigstore/cosign/v2/cmd/cosign cosign ;;
    kstatus | argocd-health | flux-health) go_build "$1" . "$1" ;;
    versitygw) go_build versitygw github.com/versity/versitygw/cmd/versitygw versitygw ;;
  esac
}

# build_missing_tools NAME...
build_missing_tools() {
  local name
  rm -rf "$CACHE"/.building-*
  for name in "$@"; do
    tool "$name" >/dev/null || step "building $name $(tool_version "$name") from its Go module" build_tool "$name"
  done
}

# install_tools NAME...
install_tools() {
  local name missing=""
  for name in "$@"; do
    tool "$name" >/dev/null || missing=1
  done
  [[ -n $missing ]] || return 0
  install_go
  with_lock "$CACHE/.lock" "the control plane's programs" build_missing_tools "$@"
}
