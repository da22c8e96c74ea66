package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.operator.kube.StaleViewException;
import java.util.Optional;

/** The Lease that the leader holds, at the API server and not in a cache. The election renews it. */
public interface LeaderLease {
    Optional<Lease> read();

    /** @throws StaleViewException if the Lease was changed since it was read */
    void mark(Lease read, Mark mark);

    /**
     * Removes the holder.
     *
     * @throws StaleViewException if the Lease was changed since it was read
     */
    void release(Lease read);

    /** The election is about to renew the Lease, or its last attempt failed. */
    boolean isRenewalDue(Lease read);

    /** For as long as a renewal may take. */
    void pause();
}
