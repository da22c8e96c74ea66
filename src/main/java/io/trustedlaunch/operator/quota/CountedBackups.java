package io.trustedlaunch.operator.quota;

import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;

/** Which VMBackups have files, or are about to. One keeps its place between two attempts. */
public final class CountedBackups {
    private CountedBackups() {}

    public static boolean counts(VMBackup backup) {
        return backup.status()
                .filter(status -> status.backupUID() != null || status.retry() != null)
                .filter(status -> status.phase() != Phase.Failed)
                .isPresent();
    }
}
