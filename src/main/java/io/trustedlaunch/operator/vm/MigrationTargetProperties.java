package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.Enrolment;
import java.util.List;
import java.util.Optional;

/** The properties that make a node a possible target of migrations, except its free memory. They rarely change. */
record MigrationTargetProperties(
        ClusterNodeSpec.Maintenance maintenance,
        Optional<ClusterNodeStatus.Capabilities> capabilities,
        List<String> networks,
        List<String> readyLocations,
        Optional<Integer> migrationPort,
        boolean enrolled) {

    static MigrationTargetProperties of(ClusterNode node) {
        Optional<ClusterNodeStatus> status = Optional.ofNullable(node.getStatus());
        return new MigrationTargetProperties(
                node.getSpec().maintenance(),
                status.map(ClusterNodeStatus::capabilities),
                status.map(ClusterNodeStatus::networks).orElseGet(List::of),
                status.map(ClusterNodeStatus::storageLocations).orElseGet(List::of).stream()
                        .filter(ClusterNodeStatus.Location::ready)
                        .map(ClusterNodeStatus.Location::name)
                        .toList(),
                status.map(ClusterNodeStatus::migrationPort),
                Enrolment.isEnrolled(status));
    }
}
