#!/usr/bin/env bash
# Installs restic from the distribution if this machine does not have it, and prints its version.
set -euo pipefail

# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=packages.sh
source "$LIB/packages.sh"

if ! command -v restic >/dev/null; then
  need_root
  apt_get update
  apt_install restic
fi
restic version
