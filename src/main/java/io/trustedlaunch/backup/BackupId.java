package io.trustedlaunch.backup;

import java.util.Objects;
import java.util.UUID;

/**
 * The place of a backup in a store.
 *
 * @param vm the VM's identity
 * @param backup UID of the run that makes the backup; a run that is repeated has another one, so that nothing that the first
 *     still does gets among the files of the second
 */
public record BackupId(UUID vm, UUID backup) {
    public BackupId {
        Objects.requireNonNull(vm, "vm");
        Objects.requireNonNull(backup, "backup");
    }
}
