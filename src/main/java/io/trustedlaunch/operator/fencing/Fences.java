package io.trustedlaunch.operator.fencing;

import java.time.Duration;
import java.util.Map;

/** The nodes that are proved dead. */
@FunctionalInterface
public interface Fences {
    /**
     * Read from the API server, not from a cache: other incarnations begin because of it.
     *
     * @return by node
     */
    Map<String, ProvedDeath> proved();

    /**
     * @param fence the NodeFence that proves it
     * @param unwatched for how long guests may have run there after the agent was heard last: what they changed in their TPM
     *     is not sealed
     */
    record ProvedDeath(String fence, Duration unwatched) {}
}
