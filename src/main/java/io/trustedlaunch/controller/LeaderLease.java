package io.trustedlaunch.controller;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.util.Optional;

/** The Lease that the leader holds, at the API server and not in a cache. The election renews it. */
public interface LeaderLease {
    Optional<Lease> read();

    /**
     * Removes the holder.
     *
     * @throws StaleViewException if the Lease was changed since it was read
     */
    void release(Lease read);
}
