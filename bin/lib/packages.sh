# shellcheck shell=bash
# The Debian packages that the lab and the build need. a|b: a, or b where there is no a. Debian 12 has all fence agents in one
# package.

PACKAGES=(
  libvirt-daemon libvirt-daemon-system libvirt-daemon-driver-qemu libvirt-daemon-config-nwfilter libvirt-clients
  qemu-system-x86 qemu-utils ovmf swtpm swtpm-tools
  iproute2 iptables nftables dnsmasq-base socat tcpdump
  mtools dosfstools gdisk cpio busybox-static xorriso
  'fence-agents-redfish|fence-agents' python3
  xz-utils unzip openssl jq curl ca-certificates git maven util-linux
)

# Debian 13 has separate packages for libvirt's drivers, which Debian 12 does not have.
PACKAGES_IF_KNOWN=(
  libvirt-daemon-driver-network libvirt-daemon-driver-nodedev libvirt-daemon-driver-nwfilter
  libvirt-daemon-driver-secret libvirt-daemon-driver-storage libvirt-daemon-driver-interface
)

# Used by labs with kubelets only. A machine with Docker has the first two from another package.
KUBELET_PACKAGES=(containerd runc containernetworking-plugins)

# Used by tests only: a registry, hosts run by systemd, zip, which removes signatures from jars, a file system that keeps the locks of
# each mount to itself, what builds images, an assembler, and Prometheus' promtool.
TEST_PACKAGES=(docker-registry systemd-container zip bindfs mmdebstrap buildah skopeo binutils prometheus)

package_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Whether a package can be installed: a virtual or removed package has no candidate.
package_known() {
  local candidate
  candidate=$(apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: //p')
  [[ -n $candidate && $candidate != "(none)" ]]
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 "$@"
}

# Installs packages without starting their services: the lab runs its own libvirtd per host, and must not start the machine's.
apt_install() {
  local policy=/usr/sbin/policy-rc.d made=""
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
    made=1
  fi
  # shellcheck disable=SC2064
  [[ -z $made ]] || trap "rm -f $policy" EXIT
  apt_get install --no-install-recommends "$@"
  if [[ -n $made ]]; then
    rm -f "$policy"
    trap - EXIT
  fi
}

# missing_package PACKAGE|PACKAGE: prints which of them to install; nothing if one of them is there.
missing_package() {
  local package alternatives
  IFS='|' read -ra alternatives <<<"$1"
  for package in "${alternatives[@]}"; do
    ! package_installed "$package" || return 0
  done
  for package in "${alternatives[@]}"; do
    if package_known "$package"; then break; fi
  done
  echo "$package"
}

missing_packages() {
  local package
  for package in "${PACKAGES[@]}"; do missing_package "$package"; done
  for package in "${PACKAGES_IF_KNOWN[@]}"; do
    if ! package_installed "$package" && package_known "$package"; then echo "$package"; fi
  done
}

install_missing_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0
  step "package lists" apt_get update
  mapfile -t missing < <(missing_packages)
  step "${#missing[@]} packages, $(head -c 60 <<<"${missing[*]}")…" apt_install "${missing[@]}"
}

install_packages() {
  local missing
  command -v apt-get >/dev/null || die "this machine has no apt-get: install these packages by hand: ${PACKAGES[*]}"
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0
  need_root
  with_lock "$CACHE/.packages.lock" "the packages" install_missing_packages
}
