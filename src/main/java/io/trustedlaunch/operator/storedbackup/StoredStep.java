package io.trustedlaunch.operator.storedbackup;

import io.trustedlaunch.api.BackupLocationSpec.S3;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.StoredBackupRun;
import io.trustedlaunch.backup.BackupId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What is due for the files of a backup. */
sealed interface StoredStep {
    /** The death of an agent causes no event. */
    Duration WHILE_REQUESTED = Duration.ofSeconds(10);

    /** When to look again if no event comes first. */
    default Optional<Duration> again() {
        return Optional.of(WHILE_REQUESTED);
    }

    /** Nothing is requested. */
    record Idle() implements StoredStep {
        @Override
        public Optional<Duration> again() {
            return Optional.empty();
        }
    }

    /** The removal waits, and the backup can still be used. */
    record KeepWaiting(Problem problem) implements StoredStep {}

    /** From now on nothing follows from it. */
    record BeginRemoval() implements StoredStep {
        /** It is on record, which causes no event. */
        @Override
        public Optional<Duration> again() {
            return Optional.of(Duration.ZERO);
        }
    }

    /** @param problem why it takes longer; empty: it is under way */
    record Removing(Optional<Problem> problem) implements StoredStep {}

    /** @param problem why it takes longer; empty: it is under way */
    record Verifying(Optional<Problem> problem) implements StoredStep {}

    /** The operator does it: no node may remove anything from a bucket. */
    record RemoveFromBucket(S3 bucket, BackupId id) implements StoredStep {}

    record Create(StoredBackupRun run) implements StoredStep {}

    /**
     * The run gets what its node may read of the bucket.
     *
     * @param others UIDs of the VM's other backups there
     */
    record Seal(StoredBackupRun run, S3 bucket, List<String> others) implements StoredStep {}

    /** The run is of no use, and another one takes its place. */
    record Discard(StoredBackupRun run) implements StoredStep {}

    /** Its files are gone, and so goes the VMBackup. */
    record Delete() implements StoredStep {}

    /** @param damage what is wrong; empty: nothing */
    record Verified(Optional<String> damage) implements StoredStep {
        @Override
        public Optional<Duration> again() {
            return Optional.empty();
        }
    }
}
