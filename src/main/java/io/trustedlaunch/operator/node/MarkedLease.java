package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.controller.LeaderLease;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.custody.Mark;

/** The operator's leader Lease, which has the mark. */
public interface MarkedLease extends LeaderLease {
    /** @throws StaleViewException if the Lease was changed since it was read */
    void mark(Lease read, Mark mark);

    /** The election is about to renew the Lease, or its last attempt failed. */
    boolean isRenewalDue(Lease read);

    /** Waits as long as a renewal may take. */
    void pause();
}
