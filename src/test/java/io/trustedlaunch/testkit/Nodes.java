package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.IncarnationFields;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.node.ClusterNodeStatus.Capacity;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.ClusterNodeStatus.Versions;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.api.node.StorageLocationStatus.Group;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.NodeInfoBuilder;
import io.trustedlaunch.placement.SharedLocations;
import java.util.List;
import java.util.Map;

/** Nodes that can run the VM in {@link Vms}, and their storage location. */
public final class Nodes {
    public static final String ADDRESS = "192.0.2.1";
    public static final String BOOT = "5b6f0f0e-9f6c-4f36-8f0e-3d9f3b0f5b11";
    public static final int MIGRATION_PORT = 16_515;
    public static final String FOLDER = "/var/lib/vms";
    public static final Location READY_LOCATION = location("default").build();

    /** What the operator says of a node that an administrator approved. */
    public static final Condition ENROLLED = enrolled("True", Reason.NodeApproved);

    public static final Condition NOT_ENROLLED = enrolled("False", Reason.NodeNotApproved);

    private Nodes() {}

    private static Condition enrolled(String status, Reason reason) {
        return new ConditionBuilder()
                .withType(ConditionType.Enrolled.name())
                .withStatus(status)
                .withReason(reason.name())
                .withMessage("as a test says")
                .withLastTransitionTime("2026-01-01T00:00:00Z")
                .build();
    }

    /** As the operator's planners see it: alive and empty. */
    public static NodeInfoBuilder info(String name) {
        return NodeInfoBuilder.builder()
                .name(name)
                .spec(spec(Maintenance.None))
                .status(status().build())
                .labels(Map.of())
                .taints(List.of())
                .agentAlive(true)
                .answered(true)
                .inUse(Allocated.NONE)
                .shared(SharedLocations.NONE);
    }

    public static ClusterNode clusterNode(NodeInfo node) {
        ClusterNode resource = new ClusterNode();
        resource.setMetadata(GuestImages.named(node.name()));
        resource.setSpec(node.spec());
        resource.setStatus(node.status());
        return resource;
    }

    public static ClusterNodeSpec spec(Maintenance maintenance) {
        return new ClusterNodeSpec(ADDRESS, maintenance, new Quantity("8Gi"), null);
    }

    public static ClusterNodeSpec spec(String memoryForVms) {
        return new ClusterNodeSpec(ADDRESS, Maintenance.None, new Quantity(memoryForVms), null);
    }

    /** As its agent reports it, and enrolled. */
    public static ClusterNodeStatusBuilder status() {
        return ClusterNodeStatusBuilder.builder()
                .observedGeneration(1L)
                .address(ADDRESS)
                .capabilities(new Capabilities(true, true, true, false, false))
                .capacity(new Capacity(4, new Quantity("16Gi")))
                .versions(new Versions("1", "11.3.0", "10.0.0", "0.10", "0.10.2"))
                .incarnationFields(IncarnationFields.KNOWN)
                .networks(List.of("default"))
                .storageLocations(List.of(READY_LOCATION))
                .sealingCertificate("pem")
                .answer(answerTo("a leader"))
                .conditions(List.of(ENROLLED))
                .migrationPort(MIGRATION_PORT);
    }

    /** It remembers no mark. */
    public static Answer answerTo(String leader, Domain... domains) {
        return new Answer(leader, BOOT, null, List.of(domains));
    }

    public static ClusterNodeStatusLocationBuilder location(String name) {
        return ClusterNodeStatusLocationBuilder.builder().name(name).ready(true);
    }

    /** All of a node's locations have room for a copy of any VM. */
    public static ClusterNodeStatus withRoom(ClusterNodeStatus status) {
        return ClusterNodeStatusBuilder.builder(status)
                .storageLocations(status.storageLocations().stream()
                        .map(location -> ClusterNodeStatusLocationBuilder.builder(location)
                                .freeSpace(new Quantity("100Ti"))
                                .build())
                        .toList())
                .build();
    }

    /** The default location. */
    public static StorageLocation storageLocation() {
        StorageLocation location = new StorageLocation();
        location.setMetadata(GuestImages.named("default"));
        location.setSpec(new StorageLocationSpec(FOLDER, List.of()));
        return location;
    }

    /** It is one folder on all of these nodes. */
    public static StorageLocationStatus sharedBy(List<String> nodes) {
        return new StorageLocationStatus(null, null, List.of(new Group(nodes, true)), null);
    }
}
