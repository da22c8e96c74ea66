# shellcheck shell=bash
# What an image consists of, in CycloneDX: the libraries of its role, as Maven resolved them, Debian's packages, and Java's runtime.

# write_sboms FOLDER-OF-THE-IMAGES TAG TARGET
write_sboms() {
  local image digest hex
  mkdir -p "$3"
  use_jdk
  (cd "$REPO" && step "the libraries' part of the SBOMs" mvn -B -q -ntp cyclonedx:makeBom)
  for image in "${IMAGES[@]}"; do
    digest=$(<"$1/$image.digest")
    hex=${digest#sha256:}
    packages_as_json "$1/$image.packages" |
      jq --slurpfile libraries "$REPO/target/bom.json" --arg files "$(ls "$REPO/target/dist/$image")" --arg name "trusted-launch-$image" --arg tag "$2" \
        --arg digest "$digest" --arg serial "${hex:0:8}-${hex:8:4}-8${hex:12:3}-8${hex:15:3}-${hex:18:12}" \
        -f "$LIB/sbom.jq" >"$3/trusted-launch-$image.cdx.json"
  done
}

# packages_as_json FILE: the stanzas of dpkg as a list.
packages_as_json() {
  awk -v OFS='\t' '
    function end() { if (name) print name, version, architecture, source ? source : name; name = source = "" }
    /^Package: / { name = $2 }
    /^Version: / { version = $2 }
    /^Architecture: / { architecture = $2 }
    /^Source: / { source = $2; gsub(/^\(|\)$/, "", $3); if ($3) source = source "@" $3 }
    /^$/ { end() }
    END { end() }' "$1" |
    jq -R -s 'split("\n") | map(select(. != "") | split("\t") | {name: .[0], version: .[1], architecture: .[2], source: .[3]})'
}
