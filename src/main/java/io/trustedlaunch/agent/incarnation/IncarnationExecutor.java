package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.incarnation.plan.IncarnationActions;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.MigrationActions;
import io.trustedlaunch.agent.incarnation.plan.StartActions;
import io.trustedlaunch.agent.incarnation.plan.StopActions;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;

/** The actions of steps on this host. */
record IncarnationExecutor(
        StartActions start,
        StopActions stop,
        MigrationActions migration,
        StatusReporter reporter,
        Failpoints failpoints)
        implements IncarnationActions {
    @Override
    public void report(IncarnationFacts facts, VMIncarnationStatus status) {
        reporter.report(facts.incarnation(), status);
    }

    @Override
    public void reached(Failpoint failpoint) {
        failpoints.reached(failpoint);
    }
}
