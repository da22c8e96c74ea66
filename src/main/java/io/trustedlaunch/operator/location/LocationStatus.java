package io.trustedlaunch.operator.location;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.api.node.StorageLocationStatus.Group;
import io.trustedlaunch.api.node.StorageLocationStatus.Node;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.operator.location.LocationFacts.Report;
import java.util.List;

/** Computes a location's status from the reports of the agents. */
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
                status.conditions.all(
                        status.ready(),
                        status.restricted(),
                        status.shared(),
                        new LocksCondition(status.groups, status.conditions).condition()));
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
                    ConditionType.Ready,
                    State.False,
                    Reason.NoNodes,
                    "no agent has reported the location yet: check that agents are running");
        }
        List<String> ready =
                nodes.stream().filter(Node::ready).map(Node::nodeName).toList();
        return ready.isEmpty()
                ? conditions.of(ConditionType.Ready, State.False, notReadyReason(), faults(nodes))
                : conditions.of(
                        ConditionType.Ready, State.True, Reason.LocationReady, "ready on " + String.join(", ", ready));
    }

    private Reason notReadyReason() {
        return unrestricted().isEmpty() ? Reason.LocationMissing : Reason.LocationNotRestricted;
    }

    private Condition restricted() {
        if (nodes.isEmpty()) {
            return conditions.of(
                    ConditionType.Restricted,
                    State.Unknown,
                    Reason.NoNodes,
                    "no agent has checked the location yet: check that agents are running");
        }
        return unrestricted().isEmpty()
                ? conditions.of(
                        ConditionType.Restricted,
                        State.True,
                        Reason.LocationReady,
                        "only host administrators and the hypervisor can access "
                                + location.getSpec().path())
                : conditions.of(
                        ConditionType.Restricted, State.False, Reason.LocationNotRestricted, faults(unrestricted()));
    }

    private List<Node> unrestricted() {
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
