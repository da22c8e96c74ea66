package io.trustedlaunch.operator.quota;

import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;

/** Which VMBackups have files, or are about to. */
public final class CountedBackups {
    private CountedBackups() {}

    public static boolean counts(VMBackup backup) {
        return backup.status()
                .filter(status -> status.backupUID() != null && status.phase() != Phase.Failed)
                .isPresent();
    }
}
