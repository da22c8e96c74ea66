package io.trustedlaunch.operator.location;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ClusterNodeStatus.Location;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.StorageLocationStatus;
import io.trustedlaunch.api.StorageLocationStatus.Group;
import io.trustedlaunch.api.StorageLocationStatus.Node;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.Conditions.State;
import io.trustedlaunch.operator.location.LocationFacts.Report;
import java.util.List;

/** From what the agents report of a location, each for its node, to the location's own status. */
final class LocationStatus {
    private final StorageLocation location;
    private final List<Report> reports;
    private final List<Node> nodes;
    private final List<Group> groups;
    private final Conditions conditions;

    private LocationStatus(LocationFacts facts) {
        this.location = facts.location();
        this.reports = facts.reports();
        this.nodes = reports.stream().map(LocationStatus::node).toList();
        this.groups = SharedFolders.of(reports, facts.recordedGroups(), facts.nodeNames());
        this.conditions = new Conditions(
                location.getStatus() == null ? null : location.getStatus().conditions(),
                location.getMetadata().getGeneration(),
                facts.now());
    }

    static StorageLocationStatus of(LocationFacts facts) {
        LocationStatus status = new LocationStatus(facts);
        return new StorageLocationStatus(
                facts.location().getMetadata().getGeneration(),
                status.nodes,
                status.groups,
                List.of(status.ready(), status.restricted(), status.shared()));
    }

    private static Node node(Report report) {
        Location seen = report.seen();
        return new Node(report.nodeName(), seen.ready(), seen.reason(), seen.message(), seen.freeSpace());
    }

    private Condition shared() {
        List<Report> ready = reports.stream().filter(Report::ready).toList();
        return new SharedCondition(ready, groups, conditions).condition();
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
