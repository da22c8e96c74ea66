package io.trustedlaunch.operator.fencing;

import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.Enrolment;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which nodes report that a node's agent writes into a storage location. It holds back a cut and proves nothing, so that a
 * token is not compared: the node may have a new one that it could not report.
 *
 * @param nodes all ClusterNodes
 */
record BeaconReports(List<ClusterNode> nodes, HeardNodes heard) {
    /** Only agents that are heard: a report that is not kept up to date says nothing. */
    List<String> about(String node) {
        return nodes.stream()
                .filter(other -> !name(other).equals(node) && reports(other, node))
                .map(BeaconReports::name)
                .filter(other -> heard.agents().silence(other).compareTo(ClusterSilence.LIVING) < 0)
                .sorted()
                .toList();
    }

    private static boolean reports(ClusterNode other, String node) {
        Optional<ClusterNodeStatus> status = other.status();
        return Enrolment.isEnrolled(status)
                && locations(status)
                        .filter(Location::ready)
                        .flatMap(location -> location.peers().stream())
                        .anyMatch(peer -> peer.nodeName().equals(node));
    }

    private static Stream<Location> locations(Optional<ClusterNodeStatus> status) {
        return status.stream().flatMap(reported -> reported.storageLocations().stream());
    }

    private static String name(ClusterNode node) {
        return node.getMetadata().getName();
    }
}
