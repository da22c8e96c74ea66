package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.NodeSnapshot;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.SealingNodes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Host-a is alive and can be sealed to, and so is host-b. */
class NodeSnapshotsTest {
    private final FakeApiServer server = new FakeApiServer();
    private final Leadership leadership = Leaderships.undisputed("leader");
    private Instant now = SealingNodes.NOW;
    private long nanos;
    private final AgentLiveness liveness = new AgentLiveness(() -> nanos);
    private final SealingCertificates certificates = SealingNodes.certificates(() -> now);
    private FakeOperator operator;
    private NodeSnapshots snapshots;
    private NodeSnapshot before;

    @BeforeEach
    void begin() {
        for (String name : List.of("host-a", "host-b")) {
            server.put(SealingNodes.node(name));
            server.put(new NodeBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .endMetadata()
                    .withNewSpec()
                    .endSpec()
                    .build());
            liveness.seen("node-" + name, "1");
        }
        server.put(Nodes.storageLocation());
        operator = new FakeOperator(
                server, leadership, Leaderships.assignments(), liveness, certificates, Optional.empty(), () -> now);
        snapshots = new NodeSnapshots(operator, liveness, certificates, leadership);
        before = snapshots.present();
    }

    @Test
    void itIsTheSameWhileNothingAboutANodeChanges() {
        assertThat(before.nodes()).extracting(NodeInfo::name).containsExactlyInAnyOrder("host-a", "host-b");
        assertThat(before.find("host-a").orElseThrow().certificateFault()).isEmpty();
        operator.look();

        assertThat(snapshots.present()).isSameAs(before);
    }

    @Test
    void aNodeThatIsChangedIsAnother() {
        server.edit(ClusterNode.class, "host-a", node -> {
            node.setSpec(Nodes.spec(Maintenance.Drain));
            return node;
        });

        assertThat(onlyHostA().spec().maintenance()).isEqualTo(Maintenance.Drain);
    }

    @Test
    void soIsOneThatAnswersTheLeader() {
        server.edit(ClusterNode.class, "host-a", node -> {
            node.setStatus(ClusterNodeStatusBuilder.builder(node.getStatus())
                    .answer(Nodes.answerTo("leader"))
                    .build());
            return node;
        });

        assertThat(onlyHostA().answered()).isTrue();
    }

    @Test
    void soIsOneWhoseKubernetesNodeIsCordoned() {
        server.edit(Node.class, "host-a", node -> {
            node.getSpec().setUnschedulable(true);
            return node;
        });

        assertThat(onlyHostA().unschedulable()).isTrue();
    }

    @Test
    void soIsOneThatAVmIsGivenTo() {
        server.put(Incarnations.incarnation(
                Incarnations.spec(1).build(),
                Incarnations.reported(Phase.Running).build()));

        assertThat(onlyHostA().inUse().cores()).isOne();
    }

    @Test
    void soIsOneWhosePowerCanBeCut() {
        server.put(PowerFencingTest.device("host-a", Agent.fence_redfish, "True"));

        assertThat(onlyHostA().powerFencing()).isTrue();
    }

    /** No object changes with it. */
    @Test
    void soIsOneThatIsSilent() {
        nanos += Duration.ofSeconds(41).toNanos();
        liveness.seen("node-host-b", "2");

        assertThat(onlyHostA().agentAlive()).isFalse();
    }

    /** Nor with that. */
    @Test
    void soAreThoseWhoseCertificatesExpire() {
        now = now.plus(Duration.ofDays(31));

        assertThat(snapshots.present().nodes()).allSatisfy(node -> {
            assertThat(node.certificateFault()).isPresent();
            assertThat(node.sealingKey()).isEmpty();
        });
    }

    @Test
    void allAreThatMayShareALocation() {
        server.edit(StorageLocation.class, "default", location -> {
            location.setStatus(Nodes.sharedBy(List.of("host-a", "host-b")));
            return location;
        });
        operator.look();

        assertThat(snapshots.present().find("host-a").orElseThrow().sharesLocation("default", "host-b"))
                .isTrue();
    }

    @Test
    void oneThatIsGoneIsGone() {
        server.delete(server.find(ClusterNode.class, "host-a").orElseThrow());
        operator.look();

        assertThat(snapshots.present().nodes()).extracting(NodeInfo::name).containsExactly("host-b");
        assertThat(snapshots.present().find("host-a")).isEmpty();
    }

    /** Host-a; the other one is the same as before. */
    private NodeInfo onlyHostA() {
        operator.look();
        NodeSnapshot after = snapshots.present();
        assertThat(after).isNotSameAs(before);
        assertThat(after.find("host-b").orElseThrow())
                .isSameAs(before.find("host-b").orElseThrow());
        return after.find("host-a").orElseThrow();
    }
}
