# shellcheck shell=bash
# Builds the product's images with buildah, which needs no daemon. Where no registry can be reached, the base is made from
# Debian's packages under the name that the registry has it by, so that one Containerfile serves both.

IMAGE_PACKAGES=(mmdebstrap buildah)
IMAGES=(operator agent)
BASE_IMAGE=docker.io/library/debian:13-slim
BASE_SUITE=trixie
# Images and layers of earlier builds, apart from those of the machine's own containers.
IMAGE_STORAGE="$CACHE/containers"
# Above this size it is removed, since every build leaves a layer of it.
IMAGE_STORAGE_MEBIBYTES=8192

# The kernel of some machines mounts no overlay; vfs copies each layer.
image_storage_driver() {
  if [[ ! -f $IMAGE_STORAGE/driver ]]; then
    mkdir -p "$IMAGE_STORAGE"
    if buildah --root "$IMAGE_STORAGE/probe" --runroot "$IMAGE_STORAGE/probe-run" --storage-driver overlay info >/dev/null 2>&1; then
      echo overlay >"$IMAGE_STORAGE/driver"
    else
      echo vfs >"$IMAGE_STORAGE/driver"
    fi
    rm -rf "$IMAGE_STORAGE/probe" "$IMAGE_STORAGE/probe-run"
  fi
  cat "$IMAGE_STORAGE/driver"
}

in_image_storage() {
  buildah --root "$IMAGE_STORAGE/storage" --runroot "/run/trusted-launch-images" \
    --storage-driver "$(image_storage_driver)" "$@"
}

# The mirrors that this machine has its own packages from, with Debian's updates for security if it has them.
base_sources() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror security
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Identifier: Packages' | awk '$2 !~ /-/ && $1 ~ /debian/ { print $1; exit }')
  security=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Identifier: Packages' | awk '$2 ~ /-security$/ { print $1; exit }')
  echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $BASE_SUITE main"
  [[ -z $security ]] || echo "deb [signed-by=$keyring] $security $BASE_SUITE-security main"
}

# make_base: as Debian's own slim image, without manuals and translations.
make_base() {
  local work container
  work=$(mktemp -d /tmp/trusted-launch-base.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -rf $work" EXIT
  base_sources >"$work/sources.list"
  mmdebstrap --variant=minbase --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --customize-hook='rm -rf "$1"/var/cache/ldconfig/* "$1"/var/log/* "$1"/etc/hostname "$1"/etc/resolv.conf' \
    "$BASE_SUITE" "$work/base.tar" "$work/sources.list"
  container=$(in_image_storage from scratch)
  in_image_storage add --quiet "$container" "$work/base.tar" /
  in_image_storage config --cmd bash "$container"
  in_image_storage commit --rm --quiet --timestamp 0 "$container" "$BASE_IMAGE"
}

image_storage_is_large() {
  [[ -d $IMAGE_STORAGE/storage ]] && (($(du -sxm "$IMAGE_STORAGE/storage" | cut -f1) > IMAGE_STORAGE_MEBIBYTES))
}

remove_image_storage() {
  in_image_storage rm --all >/dev/null
  in_image_storage rmi --all --force >/dev/null
  rm -rf "$IMAGE_STORAGE/storage"
}

image_version() { sed -nE 's|^  <version>(.*)</version>|\1|p' "$REPO/pom.xml"; }

# Prints a hash of everything that the images are made of.
images_key() {
  (
    cd "$REPO"
    echo "$*"
    cat Containerfile bin/lib/images.sh
    find target/dist/lib -name '*.jar' -type f -exec sha256sum {} + | LC_ALL=C sort -k 2
  ) | sha256sum | cut -c1-16
}

# build_image NAME TAG
build_image() {
  in_image_storage bud --isolation chroot --pull=never --layers --timestamp "$IMAGE_TIME" --quiet \
    --build-arg "BASE=$BASE_IMAGE" --target "$1" --tag "docker.io/library/trusted-launch-$1:$2" \
    --file "$REPO/Containerfile" "$REPO"
}

# build_images FOLDER TAG: writes images.tar, an OCI layout of both images, as "ctr images import" and "skopeo copy" read it.
build_images() {
  local folder=$1 tag=$2 image work
  work="$CACHE/.images-new"
  rm -rf "$work"
  mkdir -p "$work/layout"
  if image_storage_is_large; then remove_image_storage; fi
  if ! in_image_storage inspect --type image "$BASE_IMAGE" >/dev/null 2>&1; then
    step "base image $BASE_IMAGE from Debian's packages" make_base
  fi
  for image in "${IMAGES[@]}"; do
    step "image trusted-launch-$image:$tag" build_image "$image" "$tag"
    in_image_storage push --quiet "docker.io/library/trusted-launch-$image:$tag" \
      "oci:$work/layout:docker.io/library/trusted-launch-$image:$tag"
  done
  tar -C "$work/layout" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$work/images.tar" .
  rm -rf "$work/layout" "$folder"
  mv "$work" "$folder"
}
