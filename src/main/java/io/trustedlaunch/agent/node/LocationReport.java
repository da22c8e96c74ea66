package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.location.LocationState;
import io.trustedlaunch.agent.location.LocationVerdict;
import io.trustedlaunch.api.ClusterNodeStatus.Location;
import io.trustedlaunch.api.ClusterNodeStatus.Peer;
import io.trustedlaunch.api.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * From the state of a storage location to its entry in the node's status, which stays the same if nothing relevant
 * changed; pure.
 */
record LocationReport(String name, LocationState state, Optional<Location> before) {
    /** Free space is rounded down to a multiple of it. */
    private static final long STEP_MEBIBYTES = 64;

    /** A change of free space by less than a tenth is not reported. */
    private static final long TOLERANCE_DIVISOR = 10;

    Location location() {
        return switch (state.verdict()) {
            case LocationVerdict.Open open ->
                ClusterNodeStatusLocationBuilder.builder()
                        .name(name)
                        .ready(true)
                        .reason(Reason.LocationReady.name())
                        .message(Reason.LocationReady.appearsWhen())
                        .freeSpace(freeSpace())
                        .token(state.token().orElse(null))
                        .peers(peers())
                        .build();
            case LocationVerdict.Closed(Reason reason, String message) ->
                ClusterNodeStatusLocationBuilder.builder()
                        .name(name)
                        .ready(false)
                        .reason(reason.name())
                        .message(message)
                        .build();
        };
    }

    private Quantity freeSpace() {
        long mebibytes = (state.freeBytes() >> 20) / STEP_MEBIBYTES * STEP_MEBIBYTES;
        return before.map(Location::freeSpace)
                .filter(reported -> Math.abs((reported.getNumericalAmount().longValue() >> 20) - mebibytes)
                        <= mebibytes / TOLERANCE_DIVISOR)
                .orElseGet(() -> new Quantity(mebibytes + "Mi"));
    }

    /** A restarted agent keeps reporting known peers until it has had the time to observe them again. */
    private List<Peer> peers() {
        List<Peer> peers = new ArrayList<>(state.peers());
        if (state.young() && state.token().isPresent()) {
            Set<String> observed = peers.stream().map(Peer::nodeName).collect(Collectors.toSet());
            before.map(Location::peers).filter(Objects::nonNull).stream()
                    .flatMap(List::stream)
                    .filter(peer -> !observed.contains(peer.nodeName()))
                    .forEach(peers::add);
        }
        return peers.stream().sorted(Comparator.comparing(Peer::nodeName)).toList();
    }
}
