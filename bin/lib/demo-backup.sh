# shellcheck shell=bash
# The steps of bin/demo --story backup: the cluster and the VM's files are lost, and the VM comes back from its backup.

backup_folder() { echo "$TRUSTEDLAUNCH_LAB_DIR/backups"; }

back_up() {
  install -d -m 0700 "$(backup_folder)"
  sed "s|\${FOLDER}|$(backup_folder)|" "$REPO/examples/demo/4-backup.yaml" | kubectl apply --validate=strict -f -
  # The backup waits for it.
  kubectl tlvm backup location init demo --node host-a --yes --wait
  kubectl wait vmbackup/before -n "$DEMO_NAMESPACE" --for condition=Completed --timeout 300s
  keep index "$(kubectl get vmbackup before -n "$DEMO_NAMESPACE" -o jsonpath='{.status.result.indexSHA256}')"
  fact "$(kubectl get vmbackup before -n "$DEMO_NAMESPACE" --no-headers)"
  fact "index $(kept index | cut -c1-16)…"
}

lose_everything() {
  local host
  for host in host-a host-b; do "$REPO/bin/lab" host "$TRUSTEDLAUNCH_LAB" "$host" crash; done
  rm -rf "$TRUSTEDLAUNCH_LAB_DIR/shared/$(kept uid)"
  "$REPO/bin/lab" wipe "$TRUSTEDLAUNCH_LAB"
  for host in host-a host-b; do "$REPO/bin/lab" host "$TRUSTEDLAUNCH_LAB" "$host" start; done
  fact "both hosts lost their power, the VM's folder is gone, and the cluster is a new one without its key"
}

# Both would be the same machine.
end_first_cluster() {
  local host
  for host in host-a host-b; do "$REPO/bin/lab" host "$TRUSTEDLAUNCH_LAB" "$host" crash; done
  fact "the VM must never run there again"
}

# offer_same_image LAB-FOLDER: as the first cluster has it, from the same catalog.
offer_same_image() {
  install -d "$TRUSTEDLAUNCH_LAB_DIR/shared/images"
  cp "$REPO/target/proof-guest/proof-guest.qcow2" "$TRUSTEDLAUNCH_LAB_DIR/shared/images/"
  cp -r "$1/catalog" "$TRUSTEDLAUNCH_LAB_DIR/"
  offer_image
}

# import_backup LAB-FOLDER: of the lab that has the folder with backups, and the recovery key.
import_backup() {
  sed -e "s|\${FOLDER}|$1/backups|" -e '/^---$/,$d' "$REPO/examples/demo/4-backup.yaml" | kubectl apply --validate=strict -f -
  kubectl tlvm backup location adopt demo --yes --wait
  kubectl tlvm backup import --location demo --vm "$(kept uid)" --index-sha256 "$(kept index)" -n "$DEMO_NAMESPACE" \
    --key "$1/pki/recovery.key" --yes
  keep imported "$(kubectl get vmbackups -n "$DEMO_NAMESPACE" -o jsonpath='{.items[0].metadata.name}')"
  fact "$(kubectl get vmbackup "$(kept imported)" -n "$DEMO_NAMESPACE" --no-headers)"
}

# The guest's disk is small: at a mebibyte a second there is time to see that it is filled while the guest runs.
start_at_once() {
  kubectl patch backuplocation demo --type merge -p '{"spec": {"limits": {"bandwidth": "1Mi"}}}'
  kubectl tlvm backup restore before -n "$DEMO_NAMESPACE" --start-at-once --wait
  run_strategy Always
  wait_until 300 "VM $DEMO_VM to run" vm_has True
  fact "it runs, and its disks are filled: $(vm "$DEMO_VM" '.status.diskFill | if . then "\(.progressPercent // 0) %" else "whole" end')"
  wait_until 180 "the guest to boot" booted 2
  require_printed 2 "nv=$DEMO_SECRET"
  require_printed 2 "ek=000b$(kept ek)"
}

await_whole_disks() {
  wait_until 300 "the disks to be whole" vm_is '.status.diskFill == null'
  fact "they need the backup no more"
}

# come_back BOOTS: how many of the guest there are then in this lab.
come_back() {
  sed -e "s|\${UID}|$(kept uid)|" -e "s|\${BACKUP}|$(kept imported)|" \
    -e "s|\${USER}|$(kubectl auth whoami -o jsonpath='{.status.userInfo.username}')|" "$REPO/examples/demo/5-come-back.yaml" |
    kubectl apply --validate=strict -f -
  wait_until 300 "VM $DEMO_VM to run" vm_has True
  wait_until 180 "the guest to boot" booted "$1"
  require_printed "$1" "nv=$DEMO_SECRET"
  require_printed "$1" "ek=000b$(kept ek)"
  fact "on $(vm "$DEMO_VM" .status.nodeName), epoch $(vm "$DEMO_VM" .status.epoch)"
}
