#!/bin/sh
# usage: image-root.sh FOLDER PACKAGE...: unpacks Debian packages, with what they depend on, as the root of an image. Nothing
# of the system that this runs on gets into it, and no script of a package runs, so the same packages give the same files.
set -eu

root=$1
shift
debs=$(mktemp -d)
# From an empty status: as if nothing were installed.
apt-get install -y --no-install-recommends --download-only -o APT::Sandbox::User=root \
  -o Dir::State::status=/dev/null -o Dir::Cache::archives="$debs" "$@"
# Without what it depends on: a shell's tools, for the scripts that do not run.
(cd "$debs" && apt-get download -o APT::Sandbox::User=root base-files)

# Scanners look for packages there in images without dpkg.
mkdir -p "$root/var/lib/dpkg/status.d"
for deb in "$debs"/*.deb; do
  dpkg-deb -x "$deb" "$root"
  dpkg-deb -f "$deb" >"$root/var/lib/dpkg/status.d/$(dpkg-deb -f "$deb" Package)"
done
rm -rf "$debs"

cat >"$root/etc/passwd" <<'PASSWD'
root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/nonexistent:/sbin/nologin
PASSWD
printf 'root:x:0:\nnogroup:x:65534:\nnonroot:x:65532:\n' >"$root/etc/group"

# Manuals, translations, and character sets that Java has itself; licences stay.
rm -rf "$root"/usr/share/man "$root"/usr/share/locale "$root"/usr/share/lintian "$root"/usr/share/bug "$root"/usr/lib/*/gconv
find "$root/usr/share/doc" -type f ! -name copyright -delete
