package io.trustedlaunch.agent.backuprun.record;

import io.trustedlaunch.api.RunPhase;
import java.util.Optional;

/** The next step for a run that this process is not working on. */
public sealed interface RunStep {
    /** Make the backup. */
    record Begin() implements RunStep {}

    /** Remove what the run has left, and report how it ended. */
    record End(RunRecord record) implements RunStep {}

    /** The same for a run that was reported as running, and is not on record any more. */
    record EndLost() implements RunStep {}

    /** Its end is reported. */
    record Over() implements RunStep {}

    /** @param reported what its status says */
    static RunStep next(Optional<RunPhase> reported, Optional<RunRecord> record) {
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
