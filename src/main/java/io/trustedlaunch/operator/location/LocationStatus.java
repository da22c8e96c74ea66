package io.trustedlaunch.operator.location;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.StorageLocationStatus;
import io.trustedlaunch.api.StorageLocationStatus.Node;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.Conditions.State;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** From what the agents report of a location, each for its node, to the location's own status. */
public final class LocationStatus {
    private final StorageLocation location;
    private final List<Node> nodes;
    private final Conditions conditions;

    private LocationStatus(StorageLocation location, List<ClusterNode> clusterNodes, Instant now) {
        this.location = location;
        this.nodes = clusterNodes.stream()
                .flatMap(node -> reported(node, location.getMetadata().getName()))
                .sorted(Comparator.comparing(Node::nodeName))
                .toList();
        this.conditions = new Conditions(
                location.getStatus() == null ? null : location.getStatus().conditions(),
                location.getMetadata().getGeneration(),
                now);
    }

    public static StorageLocationStatus of(StorageLocation location, List<ClusterNode> nodes, Instant now) {
        LocationStatus status = new LocationStatus(location, nodes, now);
        return new StorageLocationStatus(
                location.getMetadata().getGeneration(),
                status.nodes,
                null,
                List.of(status.ready(), status.restricted()));
    }

    private static Stream<Node> reported(ClusterNode node, String location) {
        return Optional.ofNullable(node.getStatus())
                .map(ClusterNodeStatus::storageLocations)
                .orElseGet(List::of)
                .stream()
                .filter(seen -> seen.name().equals(location))
                .map(seen -> new Node(
                        node.getMetadata().getName(), seen.ready(), seen.reason(), seen.message(), seen.freeSpace()));
    }

    private Condition ready() {
        if (nodes.isEmpty()) {
            return conditions.of(
                    ConditionType.Ready, State.False, Reason.NoNodes, "no agent has reported the location yet");
        }
        List<String> ready =
                nodes.stream().filter(Node::ready).map(Node::nodeName).toList();
        return ready.isEmpty()
                ? conditions.of(ConditionType.Ready, State.False, worst(), faults(nodes))
                : conditions.of(
                        ConditionType.Ready, State.True, Reason.LocationReady, "ready on " + String.join(", ", ready));
    }

    private Reason worst() {
        return open().isEmpty() ? Reason.LocationMissing : Reason.LocationNotRestricted;
    }

    private Condition restricted() {
        if (nodes.isEmpty()) {
            return conditions.of(
                    ConditionType.Restricted, State.Unknown, Reason.NoNodes, "no agent has looked at it yet");
        }
        return open().isEmpty()
                ? conditions.of(
                        ConditionType.Restricted,
                        State.True,
                        Reason.LocationReady,
                        "nobody but host administrators and the hypervisor reaches "
                                + location.getSpec().path())
                : conditions.of(ConditionType.Restricted, State.False, Reason.LocationNotRestricted, faults(open()));
    }

    private List<Node> open() {
        return nodes.stream()
                .filter(node ->
                        !node.ready() && Reason.LocationNotRestricted.name().equals(node.reason()))
                .toList();
    }

    private static String faults(List<Node> nodes) {
        return String.join(
                "; ",
                nodes.stream()
                        .map(node -> node.nodeName() + ": " + node.message())
                        .toList());
    }
}
