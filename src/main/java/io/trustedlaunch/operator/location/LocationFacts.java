package io.trustedlaunch.operator.location;

import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationStatus.Group;
import io.trustedlaunch.operator.node.AgentLiveness;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The facts from which a location's status is computed.
 *
 * @param nodes all nodes
 * @param settled the nodes whose agents have been alive long enough to have read each other's files
 */
record LocationFacts(StorageLocation location, List<ClusterNode> nodes, Set<String> settled, Instant now) {
    /**
     * The time that two agents which start together need to read each other's files: they read every 30 seconds, and trust a
     * file only once it has changed. Agents drop a file that has not changed for as long.
     */
    static final Duration SETTLING = Duration.ofMinutes(3);

    static LocationFacts of(StorageLocation location, List<ClusterNode> nodes, AgentLiveness liveness, Instant now) {
        Set<String> settled = nodes.stream()
                .map(node -> node.getMetadata().getName())
                .filter(node -> liveness.isAliveSince(node, SETTLING))
                .collect(Collectors.toSet());
        return new LocationFacts(location, nodes, settled, now);
    }

    /** The report of one node's agent about the location. */
    record Report(String nodeName, boolean settled, Location seen) {
        /** Only a ready location can be shared. */
        boolean ready() {
            return seen.ready();
        }
    }

    Set<String> nodeNames() {
        return nodes.stream().map(node -> node.getMetadata().getName()).collect(Collectors.toSet());
    }

    /** Sorted by node. */
    List<Report> reports() {
        return nodes.stream()
                .flatMap(node -> reported(node).stream())
                .sorted(Comparator.comparing(Report::nodeName))
                .toList();
    }

    private Optional<Report> reported(ClusterNode node) {
        String name = node.getMetadata().getName();
        return node.status().map(ClusterNodeStatus::storageLocations).orElseGet(List::of).stream()
                .filter(seen -> seen.name().equals(location.getMetadata().getName()))
                .map(seen -> new Report(name, settled.contains(name), seen))
                .findFirst();
    }

    /** The groups of nodes that shared the location, as last recorded. */
    List<Group> recordedGroups() {
        return location.getStatus() == null || location.getStatus().groups() == null
                ? List.of()
                : location.getStatus().groups();
    }
}
