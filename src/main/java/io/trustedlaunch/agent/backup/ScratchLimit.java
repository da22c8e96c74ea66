package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.hypervisor.BackupJob;

/**
 * How much a guest may overwrite while a backup runs. When the file system of the scratch files is full, the guest's writes
 * fail and it stands still; so the backup is broken off before.
 *
 * @param bytes that the scratch files of all disks may have together
 */
public record ScratchLimit(long bytes) {
    private static final int PERCENT = 80;

    public ScratchLimit {
        if (bytes <= 0) {
            throw new IllegalArgumentException("a backup needs room for scratch files, not " + bytes + " bytes");
        }
    }

    /** Whether the backup must be broken off now. A QEMU that does not answer fills nothing: its guest does not run. */
    public boolean isNear(BackupJob job) {
        return job.scratchBytes().orElse(0) >= bytes / 100 * PERCENT + bytes % 100 * PERCENT / 100;
    }
}
