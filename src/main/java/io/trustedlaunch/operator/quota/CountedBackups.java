package io.trustedlaunch.operator.quota;

import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import java.util.Optional;

/** Which VMBackups have files, or are about to. */
public final class CountedBackups {
    private CountedBackups() {}

    public static boolean counts(VMBackup backup) {
        return Optional.ofNullable(backup.getStatus())
                .filter(status -> status.backupUID() != null && status.phase() != Phase.Failed)
                .isPresent();
    }
}
