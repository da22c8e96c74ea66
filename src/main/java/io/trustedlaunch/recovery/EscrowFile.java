package io.trustedlaunch.recovery;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.custody.RecoveryKey;
import java.util.function.Function;

/**
 * Which of a backup's two escrows is opened, and how.
 *
 * @param indexed whether the index lists the file, so that its digest is compared
 * @param otherwise what it means if a backup has no such file; a clause
 */
public record EscrowFile(String name, boolean indexed, String otherwise, Function<byte[], Escrow.Opening> opening) {

    public static EscrowFile of(RecoveryKey key) {
        return new EscrowFile(
                BackupFileName.RECOVERY_ESCROW,
                true,
                "the installation had no recovery certificate when it was made",
                file -> Escrow.open(file, key));
    }

    public static EscrowFile of(ClusterBackupKeys keys) {
        return new EscrowFile(
                BackupFileName.CLUSTER_ESCROW, false, "the cluster had no backup key when it was made", keys::open);
    }
}
