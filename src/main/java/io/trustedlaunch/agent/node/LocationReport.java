package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.location.LocationState;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.ClusterNodeStatus.Peer;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Builds the status of one storage location, such that insignificant changes do not change it; pure.
 */
record LocationReport(String name, LocationState state, Optional<Location> before) {
    /** Free space is reported in these steps, and only if it has changed by more than a tenth. */
    private static final long STEP_MEBIBYTES = 64;

    private static final long SIGNIFICANT_PART = 10;

    Location location() {
        return state.problem()
                .map(problem -> ClusterNodeStatusLocationBuilder.builder()
                        .name(name)
                        .ready(false)
                        .reason(problem.reason().name())
                        .message(problem.message())
                        .build())
                .orElseGet(() -> ClusterNodeStatusLocationBuilder.builder()
                        .name(name)
                        .ready(true)
                        .reason(Reason.LocationReady.name())
                        .message(Reason.LocationReady.appearsWhen())
                        .freeSpace(freeSpace())
                        .token(state.token().orElse(null))
                        .peers(peers())
                        .build());
    }

    private Quantity freeSpace() {
        long mebibytes = (state.freeBytes() >> 20) / STEP_MEBIBYTES * STEP_MEBIBYTES;
        return before.map(Location::freeSpace)
                .filter(reported -> Math.abs((reported.getNumericalAmount().longValue() >> 20) - mebibytes)
                        <= mebibytes / SIGNIFICANT_PART)
                .orElseGet(() -> new Quantity(mebibytes + "Mi"));
    }

    /** Right after its start, an agent keeps the peers reported before, until it had time to observe them. */
    private List<Peer> peers() {
        List<Peer> peers = new ArrayList<>(state.peers());
        if (state.young() && state.token().isPresent()) {
            Set<String> seen = peers.stream().map(Peer::nodeName).collect(Collectors.toSet());
            before.map(Location::peers).filter(Objects::nonNull).stream()
                    .flatMap(List::stream)
                    .filter(peer -> !seen.contains(peer.nodeName()))
                    .forEach(peers::add);
        }
        return peers.stream().sorted(Comparator.comparing(Peer::nodeName)).toList();
    }
}
