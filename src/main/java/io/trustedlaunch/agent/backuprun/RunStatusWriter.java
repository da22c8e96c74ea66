package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunStatus;

/** Writes the status of a run. */
@FunctionalInterface
public interface RunStatusWriter {
    /** Returns the run as the API server has it now. */
    BackupRun write(BackupRun run, BackupRunStatus status);
}
