package io.trustedlaunch.agent.location;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.node.ClusterNodeStatus.Peer;
import java.util.List;
import java.util.Optional;

/**
 * The state of a storage location on this host.
 *
 * @param problem why VM files must not be there; empty if they may
 * @param token of this agent, once its beacon is there
 * @param peers neighbours whose beacons change, by name, and whether their locks are seen
 * @param young whether it is too early to conclude that a peer's beacon does not change
 */
@RecordBuilder
public record LocationState(
        Optional<Problem> problem, long freeBytes, Optional<String> token, List<Peer> peers, boolean young) {

    static LocationState closed(Problem problem) {
        return LocationStateBuilder.builder()
                .problem(Optional.of(problem))
                .token(Optional.empty())
                .peers(List.of())
                .build();
    }

    /** Free space is left out: it is reported at an interval. */
    boolean differs(LocationState before) {
        return !(problem.equals(before.problem) && token.equals(before.token) && peers.equals(before.peers));
    }
}
