package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.ClusterNodeStatus.Peer;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.node.StorageLocationStatus.Group;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.testkit.Cluster;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The status of a storage location from the reports of two agents. */
class LocationIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "location");

    private static final Duration PATIENCE = Cluster.TIMEOUT;

    private final String name = Cluster.uniqueName("location");
    private PlayedAgent a;
    private PlayedAgent b;

    @BeforeEach
    void startAgents() {
        a = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register();
        b = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-b"))).register();
        StorageLocation location = new StorageLocation();
        location.setMetadata(new ObjectMetaBuilder().withName(name).build());
        location.setSpec(new StorageLocationSpec("/srv/vms", List.of()));
        CLUSTER.create(location);
    }

    @AfterEach
    void stopAgents() {
        Stream.of(a, b).filter(agent -> agent != null).forEach(PlayedAgent::close);
    }

    @Test
    void aFolderIsSharedOnceBothNodesReadItAndAnUnrestrictedOneIsReported() {
        a.reportLocation(ready("token-a"));
        b.reportLocation(ready("token-b", new Peer(a.name(), "token-a")));
        await(ConditionType.Shared, Reason.LocationSharingUnproved);

        a.reportLocation(ready("token-a", new Peer(b.name(), "token-b")));
        await(ConditionType.Shared, Reason.LocationShared);
        StorageLocation shared = read();
        assertThat(shared.getStatus().groups()).containsExactly(new Group(List.of(a.name(), b.name())));
        assertThat(shared.getStatus().nodes())
                .filteredOn(node -> node.nodeName().equals(a.name()))
                .extracting(node -> node.freeSpace())
                .containsExactly(new Quantity("64Gi"));

        b.reportLocation(ClusterNodeStatusLocationBuilder.builder()
                .name(name)
                .ready(false)
                .reason(Reason.LocationNotRestricted.name())
                .message("chmod 0710 it")
                .build());
        await(ConditionType.Restricted, Reason.LocationNotRestricted);
        assertThat(awaitEvent(Reason.LocationNotRestricted).getType()).isEqualTo("Warning");
        assertThat(read().getStatus().groups()).hasSize(1);

        b.reportLocation(ready("token-b", new Peer(a.name(), "token-a")));
        await(ConditionType.Restricted, Reason.LocationReady);
        assertThat(awaitEvent(Reason.LocationReady).getType()).isEqualTo("Normal");
    }

    private Location ready(String token, Peer... peers) {
        return ClusterNodeStatusLocationBuilder.builder()
                .name(name)
                .ready(true)
                .reason(Reason.LocationReady.name())
                .freeSpace(new Quantity("64Gi"))
                .token(token)
                .peers(List.of(peers))
                .build();
    }

    private StorageLocation read() {
        return CLUSTER.admin().resources(StorageLocation.class).withName(name).get();
    }

    private void await(ConditionType type, Reason reason) {
        Awaitility.await(type + " to be " + reason)
                .atMost(PATIENCE)
                .until(() -> read().getStatus() != null
                        && Conditions.find(read().getStatus().conditions(), type)
                                .filter(condition -> condition.getReason().equals(reason.name()))
                                .isPresent());
    }

    private Event awaitEvent(Reason reason) {
        return Awaitility.await("an event " + reason)
                .atMost(PATIENCE)
                .until(
                        () -> CLUSTER
                                .admin()
                                .v1()
                                .events()
                                .inNamespace("default")
                                .withField("involvedObject.name", name)
                                .list()
                                .getItems()
                                .stream()
                                .filter(event -> event.getReason().equals(reason.name()))
                                .findFirst(),
                        found -> found.isPresent())
                .orElseThrow();
    }
}
