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
 * From what was seen of one storage location to what is told of it, so that a look that finds nothing new says nothing
 * new; pure.
 */
record LocationReport(String name, LocationState sight, Optional<Location> before) {
    /** Quantities are told in whole such steps, and changes of less than a tenth not at all. */
    private static final long STEP_MEBIBYTES = 64;

    private static final long WRONG_BY = 10;

    Location location() {
        return switch (sight.verdict()) {
            case LocationVerdict.Open open ->
                ClusterNodeStatusLocationBuilder.builder()
                        .name(name)
                        .ready(true)
                        .reason(Reason.LocationReady.name())
                        .message(Reason.LocationReady.appearsWhen())
                        .freeSpace(freeSpace())
                        .token(sight.token().orElse(null))
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
        long mebibytes = (sight.freeBytes() >> 20) / STEP_MEBIBYTES * STEP_MEBIBYTES;
        return before.map(Location::freeSpace)
                .filter(told ->
                        Math.abs((told.getNumericalAmount().longValue() >> 20) - mebibytes) <= mebibytes / WRONG_BY)
                .orElseGet(() -> new Quantity(mebibytes + "Mi"));
    }

    /** An agent that has just begun has not seen yet what it knew: that stays told until it had the time. */
    private List<Peer> peers() {
        List<Peer> peers = new ArrayList<>(sight.peers());
        if (sight.young() && sight.token().isPresent()) {
            Set<String> seen = peers.stream().map(Peer::nodeName).collect(Collectors.toSet());
            before.map(Location::peers).filter(Objects::nonNull).stream()
                    .flatMap(List::stream)
                    .filter(peer -> !seen.contains(peer.nodeName()))
                    .forEach(peers::add);
        }
        return peers.stream().sorted(Comparator.comparing(Peer::nodeName)).toList();
    }
}
