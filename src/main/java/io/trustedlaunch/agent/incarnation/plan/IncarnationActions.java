package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.failpoint.Failpoint;

/** What steps are made of. Every action may be repeated; one that cannot be done throws. */
public interface IncarnationActions {
    StartActions start();

    StopActions stop();

    MigrationActions migration();

    /** Returns when the API server has the status. */
    void report(IncarnationFacts facts, VMIncarnationStatus status);

    void reached(Failpoint failpoint);
}
