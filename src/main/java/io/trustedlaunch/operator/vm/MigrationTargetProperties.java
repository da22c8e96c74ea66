package io.trustedlaunch.operator.vm;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.node.NodeVirtualization;
import java.util.List;
import java.util.Optional;

/** The properties that make a node a possible source or target of migrations, except its free memory. They rarely change. */
@RecordBuilder
record MigrationTargetProperties(
        ClusterNodeSpec.Maintenance maintenance,
        Optional<Boolean> allowsNestedMigration,
        Optional<ClusterNodeStatus.Capabilities> capabilities,
        Optional<NodeVirtualization> virtualization,
        List<String> networks,
        List<String> readyLocations,
        Optional<Integer> migrationPort,
        boolean enrolled) {

    static MigrationTargetProperties of(ClusterNode node) {
        Optional<ClusterNodeStatus> status = node.status();
        return MigrationTargetPropertiesBuilder.builder()
                .maintenance(node.getSpec().maintenance())
                .allowsNestedMigration(Optional.ofNullable(node.getSpec().allowNestedMigration()))
                .virtualization(status.map(ClusterNodeStatus::virtualization))
                .capabilities(status.map(ClusterNodeStatus::capabilities))
                .networks(status.map(ClusterNodeStatus::networks).orElseGet(List::of))
                .readyLocations(status.map(ClusterNodeStatus::storageLocations).orElseGet(List::of).stream()
                        .filter(ClusterNodeStatus.Location::ready)
                        .map(ClusterNodeStatus.Location::name)
                        .toList())
                .migrationPort(status.map(ClusterNodeStatus::migrationPort))
                .enrolled(Enrolment.isEnrolled(status))
                .build();
    }
}
