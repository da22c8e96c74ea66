package io.trustedlaunch.agent.backuprun.instant;

import java.nio.file.Path;
import java.util.UUID;

/** Ends a run's job on a guest if the agent dies and no other comes. */
@FunctionalInterface
public interface BackupRunWatch {
    /**
     * Before the guest is paused or frozen, or has a job. Does not fail: a backup without it is better than none.
     *
     * @param record of the run; it is removed when the run has ended
     */
    void begin(UUID run, UUID vm, Path record);
}
