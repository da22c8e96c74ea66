# shellcheck shell=bash
# Builds the product's images with buildah, which needs no daemon. Where no registry can be reached, the base is made from
# Debian's packages under the name that the registry has it by, so that one Containerfile serves both.

IMAGE_PACKAGES=(mmdebstrap buildah jq)
IMAGES=(operator agent fencer)
BASE_IMAGE=docker.io/library/debian:13-slim
BASE_SUITE=trixie
# Images and layers of earlier builds, apart from the machine's own.
IMAGE_STORAGE="$CACHE/containers"
# Above this size it is removed: every build of the product leaves a layer.
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
  buildah --root "$IMAGE_STORAGE/storage" --runroot /run/trusted-launch-images --storage-driver "$(image_storage_driver)" "$@"
}

# mirror PATTERN: prints where this machine has packages from whose release name matches.
mirror() {
  apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Identifier: Packages' 'Origin: Debian' |
    awk -v pattern="$1" '$2 ~ pattern { print $1; exit }'
}

# With Debian's updates for security, if this machine has them.
base_sources() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg main security
  main=$(mirror '^[a-z]+$') security=$(mirror '-security$')
  echo "deb [signed-by=$keyring] ${main:-http://deb.debian.org/debian} $BASE_SUITE main"
  [[ -z $security ]] || echo "deb [signed-by=$keyring] $security $BASE_SUITE-security main"
}

# make_base: much as Debian's own slim image, without manuals and translations.
make_base() {
  local work container
  work=$(mktemp -d /tmp/trusted-launch-base.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -rf $work" EXIT
  base_sources >"$work/sources.list"
  mmdebstrap --variant=minbase --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    "$BASE_SUITE" "$work/base.tar" "$work/sources.list"
  container=$(in_image_storage from scratch)
  in_image_storage add --quiet "$container" "$work/base.tar" /
  in_image_storage commit --rm --quiet "$container" "$BASE_IMAGE"
}

# provide_base IMAGE
provide_base() {
  if [[ $1 != "$BASE_IMAGE" ]]; then
    step "base image $1" in_image_storage pull --quiet "$1"
  elif ! in_image_storage inspect --type image "$1" >/dev/null 2>&1; then
    step "base image $1 from Debian's packages" make_base
  fi
}

remove_large_image_storage() {
  [[ -d $IMAGE_STORAGE/storage ]] || return 0
  (($(du -sxm "$IMAGE_STORAGE/storage" | cut -f1) > IMAGE_STORAGE_MEBIBYTES)) || return 0
  in_image_storage rm --all
  in_image_storage rmi --all --force
  rm -rf "$IMAGE_STORAGE/storage"
}

image_version() { sed -nE 's|^  <version>(.*)</version>|\1|p' "$REPO/pom.xml"; }

# write_containerfile TAG FILE: with what the images say about where they come from. As arguments of the build, buildah would
# not tell cached images with other values apart.
write_containerfile() {
  local revision="" created="" source=""
  if git -C "$REPO" rev-parse HEAD >/dev/null 2>&1; then
    revision=$(git -C "$REPO" describe --always --abbrev=40 --exclude='*' --dirty)
    created=$(TZ=UTC git -C "$REPO" log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)
    source=$(git -C "$REPO" remote get-url origin 2>/dev/null | sed -nE 's|^git@([^:]+):|https://\1/|; s|\.git$||; /^https:/p') || true
  fi
  sed -e "s|\"\$VERSION\"|\"$1\"|; s|\"\$REVISION\"|\"$revision\"|; s|\"\$CREATED\"|\"$created\"|; s|\"\$SOURCE\"|\"$source\"|" \
    "$REPO/Containerfile" >"$2"
}

# images_key CONTAINERFILE BASE: prints a hash of everything that the images are made of, but Debian's packages.
images_key() {
  (
    cd "$REPO"
    echo "$2"
    cat "$1" bin/lib/image-root.sh bin/lib/images.sh LICENSE NOTICE
    find "${IMAGES[@]/#/target/dist/}" -name '*.jar' -type f -exec sha256sum {} + | LC_ALL=C sort -k 2
  ) | sha256sum | cut -c1-16
}

image_name() { echo "docker.io/library/trusted-launch-$1:$2"; }

# build_image NAME TAG BASE CONTAINERFILE [BUILDAH-ARGUMENT...]: the time of files is always 0, so layers whose content is the
# same are the same, in all versions.
build_image() {
  in_image_storage bud --isolation chroot --pull=never --layers --timestamp 0 --identity-label=false --quiet "${@:5}" \
    --build-arg "BASE=$3" --target "$1" --tag "$(image_name "$1" "$2")" --file "$4" "$REPO"
}

# write_packages IMAGE FILE: of what Debian packages the image consists, as dpkg describes them.
write_packages() {
  local container root package
  container=$(in_image_storage from "$1")
  root=$(in_image_storage mount "$container")
  for package in "$root"/var/lib/dpkg/status.d/* "$root/opt/trusted-launch/jre/debian-package"; do
    cat "$package"
    echo
  done >"$2"
  in_image_storage rm "$container"
}

# build_images FOLDER TAG BASE CONTAINERFILE [BUILDAH-ARGUMENT...]: writes images.tar, an OCI layout with all images, for "ctr images import"
# and "skopeo copy"; and for each image its digest and packages.
build_images() {
  local folder=$1 tag=$2 base=$3 image work="$CACHE/.images-new"
  rm -rf "$work"
  mkdir -p "$work/layout"
  remove_large_image_storage
  provide_base "$base"
  for image in "${IMAGES[@]}"; do
    step "image trusted-launch-$image:$tag" build_image "$image" "${@:2}"
    in_image_storage push --quiet --digestfile "$work/$image.digest" "$(image_name "$image" "$tag")" \
      "oci:$work/layout:$(image_name "$image" "$tag")"
    write_packages "$(image_name "$image" "$tag")" "$work/$image.packages" >/dev/null
  done
  tar -C "$work/layout" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$work/images.tar" .
  rm -rf "$work/layout" "$folder"
  mv "$work" "$folder"
}

# remove_old_images: what was not used for a week.
remove_old_images() {
  find "$CACHE" -maxdepth 1 -name 'images-*' -type d -mtime +7 -exec rm -rf {} +
}

# images_of_revision REVISION ARGUMENT...: runs bin/images of that revision, in a folder of its own, with the other arguments.
images_of_revision() {
  local commit folder arguments=() built=()
  commit=$(git -C "$REPO" rev-parse --verify --quiet "$1^{commit}") ||
    die "there is no revision $1 here; if this clone is shallow, run: git fetch --unshallow"
  folder="$CACHE/revisions/$commit"
  shift
  while (($#)); do
    case $1 in
      --revision) shift 2 ;;
      --built) shift ;;
      *) arguments+=("$1") && shift ;;
    esac
  done
  if [[ ! -d $folder ]]; then
    rm -rf "$folder.new"
    mkdir -p "$folder.new"
    git -C "$REPO" archive "$commit" | tar -xC "$folder.new"
    mv "$folder.new" "$folder"
  fi
  touch "$folder"
  find "$CACHE/revisions" -mindepth 1 -maxdepth 1 -mtime +7 -exec rm -rf {} +
  if [[ -f $folder/target/built ]]; then built=(--built); fi
  "$folder/bin/images" "${built[@]}" "${arguments[@]}"
  touch "$folder/target/built"
}
