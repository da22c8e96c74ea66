package io.trustedlaunch.operator.storedbackup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.controller.EventDraft;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/** The next step for the files of a backup. */
sealed interface BackupFilesStep {
    /** The death of an agent causes no event. */
    Duration WHILE_REQUESTED = Duration.ofSeconds(10);

    /** For what passes by itself, and may take hours or days. */
    Duration WHILE_KEPT = Duration.ofMinutes(5);

    private static Duration pause(Problem problem) {
        boolean takesLong = EnumSet.of(
                        Reason.MinimumRetention,
                        Reason.ClocksDiffer,
                        Reason.RemovalRefused,
                        Reason.PacksInUse,
                        Reason.BackupNeeded)
                .contains(problem.reason());
        return takesLong ? WHILE_KEPT : WHILE_REQUESTED;
    }

    /** It is carried out, and changes the status only if that fails. */
    sealed interface Act extends BackupFilesStep {}

    /** It is said in the status. */
    sealed interface Report extends BackupFilesStep {
        VMBackupStatus status(BackupFilesStatus statuses);

        /** Only a result is worth an event. */
        default List<EventDraft> events() {
            return List.of();
        }

        /** When to look again if no event comes first. */
        default Optional<Duration> again(VMBackup before) {
            return Optional.of(WHILE_REQUESTED);
        }
    }

    /** Nothing is requested. */
    record Idle() implements Report {
        @Override
        public VMBackupStatus status(BackupFilesStatus statuses) {
            return statuses.idle();
        }

        @Override
        public Optional<Duration> again(VMBackup before) {
            return Optional.empty();
        }
    }

    /**
     * Nothing is requested, and it may need a file that is damaged.
     *
     * @param damaged the backup of which that is known
     */
    record Doubted(VMBackup damaged) implements Report {
        @Override
        public VMBackupStatus status(BackupFilesStatus statuses) {
            return statuses.doubted(damaged);
        }

        @Override
        public Optional<Duration> again(VMBackup before) {
            return Optional.empty();
        }
    }

    /** The removal waits, and the backup can still be used. */
    record KeepWaiting(Problem problem) implements Report {
        @Override
        public VMBackupStatus status(BackupFilesStatus statuses) {
            return statuses.keptFor(problem);
        }

        @Override
        public Optional<Duration> again(VMBackup before) {
            return Optional.of(pause(problem));
        }
    }

    /**
     * Records that no further run builds on the backup.
     *
     * @param problem why it takes longer; empty: it is under way
     */
    record Removing(Optional<Problem> problem) implements Report {
        @Override
        public VMBackupStatus status(BackupFilesStatus statuses) {
            return statuses.removing(problem);
        }

        /** That a removal is on record causes no event. */
        @Override
        public Optional<Duration> again(VMBackup before) {
            return Optional.of(
                    before.isIn(VMBackupStatus.Phase.Removing)
                            ? problem.map(BackupFilesStep::pause).orElse(WHILE_REQUESTED)
                            : Duration.ZERO);
        }
    }

    /** @param problem why it takes longer; empty: it is under way */
    record Verifying(Optional<Problem> problem) implements Report {
        @Override
        public VMBackupStatus status(BackupFilesStatus statuses) {
            return statuses.verifying(problem);
        }
    }

    /** @param damage what is wrong; empty: nothing */
    record Verified(Optional<String> damage) implements Report {
        @Override
        public VMBackupStatus status(BackupFilesStatus statuses) {
            return statuses.verified(damage);
        }

        @Override
        public List<EventDraft> events() {
            return damage.map(what -> EventDraft.warning(Reason.BackupDamaged, what)).stream()
                    .toList();
        }

        @Override
        public Optional<Duration> again(VMBackup before) {
            return Optional.empty();
        }
    }

    /** The operator does it: no node may remove anything from a bucket. */
    record RemoveFromBucket(BackupLocationSpec location) implements Act {}

    record Create(StoredBackupRun run) implements Act {}

    /** The run gets what its node may read of the bucket. */
    record Seal(StoredBackupRun run, BackupLocationSpec location) implements Act {}

    /** The run is of no use, and another one takes its place. */
    record Discard(StoredBackupRun run) implements Act {}

    /** Its files are gone, and so goes the VMBackup. */
    record Delete() implements Act {}
}
