package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.VMBackupStatus;
import java.time.Instant;

/** The next step for a backup. */
sealed interface BackupStep {
    /** It is said in the status. */
    sealed interface Report extends BackupStep {
        VMBackupStatus status(BackupStatus statuses);
    }

    /** Its run is created; the status says so with the run's UID, in one write. */
    record Begin(BackupRun run) implements BackupStep {}

    /** Its run gets what its node may ask of the location's bucket, or gets that anew. */
    record Seal(BackupRun run, BackupLocationSpec location) implements BackupStep {}

    /** It waits. */
    record Pending(Problem problem) implements Report {
        @Override
        public VMBackupStatus status(BackupStatus statuses) {
            return statuses.pending(problem);
        }
    }

    /** Its run has failed for a reason that may pass, and another one will be created. */
    record Retry(BackupRun run, Problem problem, Instant next) implements Report {
        @Override
        public VMBackupStatus status(BackupStatus statuses) {
            return statuses.retried(run, problem, next);
        }
    }

    /** Its run is to end, which its node reports, and then it is tried again. */
    record Ending(BackupRun run, Problem problem) implements Report {
        @Override
        public VMBackupStatus status(BackupStatus statuses) {
            return statuses.ending(run, problem);
        }
    }

    /** Its run is being carried out. */
    record Running(BackupRun run) implements Report {
        @Override
        public VMBackupStatus status(BackupStatus statuses) {
            return statuses.running(run);
        }
    }

    /** Its run has made it. */
    record Complete(BackupRun run, BackupResult result) implements Report {
        @Override
        public VMBackupStatus status(BackupStatus statuses) {
            return statuses.completed(run, result);
        }
    }

    /** It will not be made. */
    record Fail(Problem problem) implements Report {
        @Override
        public VMBackupStatus status(BackupStatus statuses) {
            return statuses.failed(problem);
        }
    }

    /** It had ended before, and its status is final. */
    record Ended() implements Report {
        @Override
        public VMBackupStatus status(BackupStatus statuses) {
            return statuses.unchanged();
        }
    }
}
