package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.failpoint.Failpoint;

/** The actions that steps are made of. Each may be repeated, and throws if it cannot be done. */
public interface IncarnationActions {
    StartActions start();

    StopActions stop();

    MigrationActions migration();

    /** Returns when the API server has the status. */
    void report(IncarnationFacts facts, VMIncarnationStatus status);

    void reached(Failpoint failpoint);
}
