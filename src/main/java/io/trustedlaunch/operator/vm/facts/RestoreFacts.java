package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.BackupLocation;
import io.trustedlaunch.api.RestoreRun;
import io.trustedlaunch.api.VMBackup;
import java.util.Optional;

/**
 * What a restore of a VM from one of its backups is planned from, besides the VM.
 *
 * @param backup named by the spec, of the VM's namespace; read only while a restore is to begin
 * @param location of that backup
 * @param run of the restore that is on record and has not ended
 */
public record RestoreFacts(Optional<VMBackup> backup, Optional<BackupLocation> location, Optional<RestoreRun> run) {
    public static final RestoreFacts NONE = new RestoreFacts(Optional.empty(), Optional.empty(), Optional.empty());
}
