package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.api.RestoreRun;
import io.trustedlaunch.api.RestoreRunStatus;

/** Writes the status of a run. */
@FunctionalInterface
public interface RestoreStatusWriter {
    /** Returns the run as the API server has it now. */
    RestoreRun write(RestoreRun run, RestoreRunStatus status);
}
