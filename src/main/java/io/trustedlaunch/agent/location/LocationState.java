package io.trustedlaunch.agent.location;

import io.trustedlaunch.agent.location.LocationVerdict.Closed;
import io.trustedlaunch.api.ClusterNodeStatus.Peer;
import io.trustedlaunch.api.Reason;
import java.util.List;
import java.util.Optional;

/**
 * A storage location as this host sees it.
 *
 * @param token this agent's own, once its file is there
 * @param peers the neighbours whose files move, by name
 * @param young whether it is too early to say of a peer that its file stands still
 */
public record LocationState(
        LocationVerdict verdict, long freeBytes, Optional<String> token, List<Peer> peers, boolean young) {

    static LocationState closed(Reason reason, String message) {
        return new LocationState(new Closed(reason, message), 0, Optional.empty(), List.of(), false);
    }

    /** Free space is told at leisure. */
    boolean differs(LocationState before) {
        return !(verdict.equals(before.verdict) && token.equals(before.token) && peers.equals(before.peers));
    }
}
