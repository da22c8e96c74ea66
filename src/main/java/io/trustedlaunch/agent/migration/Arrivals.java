package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.gueststate.HomeFile;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Which guests may come to this host. What a peer asks for that is not expected is refused with a reason. */
public interface Arrivals {
    /** Why a guest from that node may not come in as that life; empty: it may. */
    Optional<String> refusal(String fromNode, UUID vm, long epoch);

    /** Keeps what of the guest's home is not here yet. Returns when it is durable; or why it is not kept. */
    Optional<String> home(String fromNode, UUID vm, long epoch, List<HomeFile> files);

    /** Remembers that the guest has left there. Returns when it is durable; or why it is not believed. */
    Optional<String> left(String fromNode, UUID vm, long epoch);
}
