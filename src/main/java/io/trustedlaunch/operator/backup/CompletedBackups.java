package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.BackupLocation;
import io.trustedlaunch.api.BackupResult;
import io.trustedlaunch.api.BackupRunSpec.Completed;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.api.VMBackupStatus;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** The backups of a VM that the next one may follow from. Pure. */
final class CompletedBackups {
    /** As many as a BackupRun takes; a chain is much shorter. */
    static final int MOST = 64;

    private CompletedBackups() {}

    /**
     * Those that are whole in the location, the newest first. A location that was deleted and created again may
     * have another folder: what is older than the location is not there.
     *
     * @param backups of the VM
     */
    static List<Completed> of(List<VMBackup> backups, BackupLocation location) {
        Instant made = Instant.parse(location.getMetadata().getCreationTimestamp());
        return backups.stream()
                .filter(backup -> backup.getStatus() != null)
                .filter(backup -> backup.getSpec()
                        .locationRef()
                        .name()
                        .equals(location.getMetadata().getName()))
                .map(VMBackup::getStatus)
                .filter(status -> status.phase() == VMBackupStatus.Phase.Completed && status.result() != null)
                .filter(status -> !Instant.parse(status.startTime()).isBefore(made))
                .sorted(Comparator.comparing((VMBackupStatus status) ->
                                Instant.parse(status.result().time()))
                        .reversed())
                .limit(MOST)
                .map(CompletedBackups::completed)
                .toList();
    }

    private static Completed completed(VMBackupStatus status) {
        BackupResult result = status.result();
        return new Completed(status.backupUID(), result.parentUID(), result.indexSHA256(), result.time());
    }
}
