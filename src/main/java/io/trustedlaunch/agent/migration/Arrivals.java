package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.gueststate.HomeFile;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Which guests may arrive on this host. */
public interface Arrivals {
    /** Why that node may not migrate a guest here as that incarnation; empty if it may. */
    Optional<String> refusal(String fromNode, UUID vm, long epoch);

    /**
     * Keeps the files of the guest's home that are not here yet, until it is resumed here. Returns when they are durable, or why they
     * were refused.
     */
    Optional<String> home(String fromNode, UUID vm, long epoch, List<HomeFile> files);

    /** Records that the guest has left that node. Returns when it is durable, or why it was refused. */
    Optional<String> left(String fromNode, UUID vm, long epoch);

    /** Why that node must still keep what the guest left there; empty if the guest was resumed here. */
    Optional<String> taken(String fromNode, UUID vm, long epoch);
}
