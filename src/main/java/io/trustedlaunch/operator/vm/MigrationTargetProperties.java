package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.operator.vm.plan.IncarnationBuilder;
import java.util.List;
import java.util.Optional;

/** The properties that make a node a possible target of migrations, except its free memory. They rarely change. */
record MigrationTargetProperties(
        ClusterNodeSpec.Maintenance maintenance,
        ClusterNodeStatus.Capabilities capabilities,
        List<String> networks,
        List<String> readyLocations,
        Integer migrationPort) {

    static MigrationTargetProperties of(ClusterNode node) {
        Optional<ClusterNodeStatus> status = Optional.ofNullable(node.getStatus());
        return new MigrationTargetProperties(
                node.getSpec().maintenance(),
                status.map(ClusterNodeStatus::capabilities).orElse(null),
                status.map(ClusterNodeStatus::networks).orElse(null),
                IncarnationBuilder.orEmpty(
                                status.map(ClusterNodeStatus::storageLocations).orElse(null))
                        .stream()
                        .filter(ClusterNodeStatus.Location::ready)
                        .map(ClusterNodeStatus.Location::name)
                        .toList(),
                status.map(ClusterNodeStatus::migrationPort).orElse(null));
    }
}
