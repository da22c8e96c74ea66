# shellcheck shell=bash
# Installs a JDK of version 21 or newer: the package of this release, or on Debian 12, whose packages end at 17, Debian 13's,
# unpacked into a folder together with the C library that it needs. See docs/decisions/0031-*.

# The libraries of the distribution that a headless JVM loads.
JDK_LIBRARIES=(libc6 libgcc-s1 libstdc++6 zlib1g)

install_jdk() {
  local package mirror
  find_jdk >/dev/null && return 0
  for package in openjdk-25-jdk-headless openjdk-21-jdk-headless; do
    if package_known "$package"; then
      step "JDK ($package)" apt_install "$package"
      return
    fi
  done
  # Version 21, whose packages are a third of the size, from the mirror that this machine uses, with the same signature checks.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Codename: bookworm' | head -n 1)
  [[ -n $mirror ]] || die "no JDK of version 21 or newer was found, and this system has none as a package.
  Unpack any build of OpenJDK 21 or newer, for example Eclipse Temurin, under /usr/lib/jvm or set JAVA_HOME, and run this again."
  need_root
  package_installed patchelf || step "patchelf" apt_install patchelf
  with_lock "$CACHE/.jdk.lock" "the JDK" unpack_jdk_unless_there "$mirror"
}

unpack_jdk_unless_there() {
  find_jdk >/dev/null || step "Debian 13's JDK and its C library" unpack_jdk "$1" "$UNPACKED_JDK"
}

# apt_of_debian_13 PROGRAM ARGUMENT...: runs an apt program as on a Debian 13 with no packages installed.
apt_of_debian_13() {
  "$1" -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$PWD/lists" \
    -o Dir::Cache="$PWD/cache" -o Dir::State::status=/dev/null -o APT::Sandbox::User=root "${@:2}"
}

# Replaces links to configuration in /etc, where the package would have installed it, with copies.
take_configuration() {
  local link target
  find "$1" -type l -lname '/etc/*' | while read -r link; do
    target="unpacked$(readlink "$link")"
    if [[ -e $target ]]; then
      rm "$link"
      cp "$target" "$link"
    fi
  done
}

# bind_to_libraries JDK FOLDER: makes programs and libraries use the loader and the C library in the folder.
bind_to_libraries() {
  local file
  find "$1" -type f \( -perm -u+x -o -name '*.so' \) | while read -r file; do
    patchelf --print-rpath "$file" >/dev/null 2>&1 || continue
    if patchelf --print-interpreter "$file" >/dev/null 2>&1; then
      # A program's rpath also applies to libraries that are not patched, such as libvirt's.
      patchelf --set-interpreter "$2/ld-linux-x86-64.so.2" --force-rpath --set-rpath "\$ORIGIN:\$ORIGIN/../lib:$2" "$file"
    else
      patchelf --set-rpath "\$ORIGIN:\$ORIGIN/..:$2" "$file"
    fi
  done
}

# unpack_jdk MIRROR HOME
unpack_jdk() {
  local work deb jdk
  work=$(mktemp -d /tmp/trusted-launch-jdk.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -rf $work" EXIT
  cd "$work"
  mkdir -p lists/partial cache/archives/partial unpacked
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $1 trixie main" >sources.list
  apt_of_debian_13 apt-get update
  apt_of_debian_13 apt-get download openjdk-21-{jdk,jre}-headless "${JDK_LIBRARIES[@]}"
  for deb in *.deb; do dpkg-deb -x "$deb" unpacked; done
  jdk=$(echo unpacked/usr/lib/jvm/java-21-*)
  take_configuration "$jdk"
  rm -rf "$2.new"
  mkdir -p "$2.new"
  cp -r "$jdk"/* "$2.new/"
  cp -r unpacked/usr/lib/x86_64-linux-gnu "$2.new/c-library"
  for jdk in "$2.new"/{bin,lib}; do bind_to_libraries "$jdk" "$2/c-library"; done
  mv "$2.new" "$2"
}
