package io.trustedlaunch.agent.backuprun.record;

import io.trustedlaunch.api.RunPhase;
import java.util.Optional;

/** The next step for a run that this process is not working on. */
public sealed interface BackupRunStep {
    /** Make the backup. */
    record Begin() implements BackupRunStep {}

    /** Remove what the run has left, and report how it ended. */
    record End(BackupRunRecord record) implements BackupRunStep {}

    /** The same for a run that was reported as running, and is not on record any more. */
    record EndLost() implements BackupRunStep {}

    /** Its end is reported. */
    record Over() implements BackupRunStep {}

    /** @param reported what its status says */
    static BackupRunStep next(Optional<RunPhase> reported, Optional<BackupRunRecord> record) {
        boolean isRunning = reported.filter(RunPhase.Running::equals).isPresent();
        if (reported.isPresent() && !isRunning) {
            return new Over();
        }
        if (record.isPresent()) {
            return new End(record.get());
        }
        return isRunning ? new EndLost() : new Begin();
    }
}
