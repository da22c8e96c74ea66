#!/usr/bin/env bash
# usage: with-docker.sh COMMAND...: runs the command with a Docker daemon of its own, whose networks are in a network namespace
# of their own, and which has the images that kindcontainer wants, made of the lab's programs. Where no daemon can be had, the
# command runs without one, and its tests are skipped.
set -euo pipefail

# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=packages.sh
source "$LIB/packages.sh"
# shellcheck source=controlplane.sh
source "$LIB/controlplane.sh"
# shellcheck source=process.sh
source "$LIB/process.sh"

NETNS="tldocker-$$"
# Of the bridge in that namespace: containers are reached there.
ADDRESS=172.31.255.1
FOLDER=$(mktemp -d /tmp/trusted-launch-docker.XXXXXX)

docker_api() { curl -fsS --unix-socket "$FOLDER/docker.sock" "$@"; }

finish() {
  stop_process "$FOLDER/dockerd.pid" 30
  ip netns delete "$NETNS" 2>/dev/null || true
  rm -rf "$FOLDER" || warn "$FOLDER is left"
}

# Docker's own packages are left alone: Debian's would replace them.
install_docker() {
  command -v dockerd >/dev/null && return 0
  package_known docker.io || return 1
  with_lock "$CACHE/.packages.lock" "the packages" apt_install docker.io
}

start_docker() {
  install_docker || return 1
  ip netns add "$NETNS"
  ip -n "$NETNS" link set lo up
  # Not "ip netns exec", which mounts /sys anew, without cgroups.
  daemon "$FOLDER/dockerd.pid" "$FOLDER/log" nsenter --net="/run/netns/$NETNS" dockerd --data-root "$FOLDER/data" \
    --exec-root "$FOLDER/run" --pidfile "$FOLDER/own.pid" --host "unix://$FOLDER/docker.sock" --bip "$ADDRESS/24"
  wait_until 90 "dockerd" docker_api http://docker/_ping
}

# import_image REPOSITORY TAG TOOL: an image with one program.
import_image() {
  local root="$FOLDER/root"
  rm -rf "$root"
  mkdir -p "$root/usr/local/bin" "$root/tmp"
  cp "$(tool "$3")" "$root/usr/local/bin/"
  tar -C "$root" -c . | docker_api -X POST -H 'Content-Type: application/x-tar' --data-binary @- \
    "http://docker/images/create?fromSrc=-&repo=$1&tag=$2"
}

PATH="$(tools_path):$PATH"
trap finish EXIT
trap 'exit 143' TERM
prefix=()
if start_docker >&2; then
  import_image registry.k8s.io/kube-apiserver "v$KUBERNETES_VERSION" kube-apiserver >&2
  # The version that kindcontainer starts.
  import_image registry.k8s.io/etcd 3.5.12-0 etcd >&2
  export DOCKER_HOST="unix://$FOLDER/docker.sock" TESTCONTAINERS_HOST_OVERRIDE=$ADDRESS TESTCONTAINERS_RYUK_DISABLED=true
  prefix=(nsenter --net="/run/netns/$NETNS")
else
  warn "no Docker daemon runs here: $(tail -n 1 "$FOLDER/log" 2>/dev/null || echo "dockerd cannot be installed")"
fi
"${prefix[@]}" "$@"
