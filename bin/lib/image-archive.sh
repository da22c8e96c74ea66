# shellcheck shell=bash
# Images without a tool that builds them: for programs that need no other file.

# image_archive FILE IMAGE FOLDER COMMAND...: an archive, as docker save writes it, of an image with the folder's contents.
image_archive() {
  local file=$1 image=$2 folder=$3 build command digest
  shift 3
  build=$(mktemp -d)
  command=$(jq -cn '$ARGS.positional' --args -- "$@")
  tar -C "$folder" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf "$build/layer.tar" .
  digest=$(sha256sum "$build/layer.tar" | cut -d' ' -f1)
  cat >"$build/config.json" <<JSON
{"architecture": "$(dpkg --print-architecture)", "os": "linux", "config": {"Entrypoint": $command},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$digest"]}}
JSON
  echo "[{\"Config\": \"config.json\", \"RepoTags\": [\"$image\"], \"Layers\": [\"layer.tar\"]}]" >"$build/manifest.json"
  tar -C "$build" -cf "$file" manifest.json config.json layer.tar
  rm -r "$build"
}
