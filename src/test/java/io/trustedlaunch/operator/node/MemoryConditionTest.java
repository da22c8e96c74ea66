package io.trustedlaunch.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.testkit.Nodes;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What the administrator gives to VMs, and what the kubelet keeps from pods. */
class MemoryConditionTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final long GIB = 1L << 30;

    @Test
    void memoryForVmsIsReservedIfTheKubeletKeepsAsMuchFromPods() {
        assertSays(of("48Gi", OptionalLong.of(48 * GIB)), "True", Reason.MemoryReserved, "keeps 48Gi from pods");
        assertSays(of("48Gi", OptionalLong.empty()), "True", Reason.MemoryReserved, "no kubelet reports memory");
    }

    @Test
    void aSmallerReservationIsNamedWithWhatToSet() {
        assertSays(
                of("48Gi", OptionalLong.of(2 * GIB)),
                "False",
                Reason.MemoryNotReserved,
                "host-a: spec.memoryForVMs is 48Gi, but its kubelet keeps only 2Gi from pods, so VMs get no more than"
                        + " that: set systemReserved.memory in the kubelet's configuration to 50Gi or more, and restart"
                        + " the kubelet");
    }

    @Test
    void withoutMemoryForVmsPodsMayTakeIt() {
        assertSays(of(null, OptionalLong.of(48 * GIB)), "False", Reason.MemoryShared, "set systemReserved.memory");
    }

    @Test
    void aKubeletKeepsWhatIsNotAllocatable() {
        assertThat(kept(Map.of("memory", "64Gi"), Map.of("memory", "14Gi"))).hasValue(50 * GIB);
        assertThat(kept(Map.of("memory", "65970696Ki"), Map.of("memory", "65868296Ki")))
                .hasValue(102_400L << 10);
        assertThat(kept(Map.of("memory", "14Gi"), Map.of("memory", "64Gi"))).hasValue(0);
    }

    @Test
    void pagesForPodsAreNotKeptFromThem() {
        assertThat(kept(
                        Map.of("memory", "64Gi", "hugepages-2Mi", "8Gi", "hugepages-1Gi", "4Gi"),
                        Map.of("memory", "14Gi", "hugepages-2Mi", "8Gi", "hugepages-1Gi", "4Gi")))
                .hasValue(38 * GIB);
    }

    @Test
    void aNodeWithoutAKubeletReportsNoMemory() {
        assertThat(MemoryReservation.of(Optional.empty())).isEmpty();
        assertThat(MemoryReservation.of(Optional.of(new NodeBuilder().build()))).isEmpty();
        assertThat(kept(Map.of("cpu", "2"), Map.of("cpu", "2"))).isEmpty();
    }

    private static void assertSays(Condition condition, String status, Reason reason, String message) {
        assertThat(condition.getType()).isEqualTo("MemoryReserved");
        assertThat(condition.getStatus()).isEqualTo(status);
        assertThat(condition.getReason()).isEqualTo(reason.name());
        assertThat(condition.getMessage()).contains(message);
    }

    private static Condition of(String memoryForVms, OptionalLong kept) {
        ClusterNode node = Nodes.clusterNode(Nodes.info("host-a").build());
        node.setSpec(new ClusterNodeSpec(
                null, Maintenance.None, memoryForVms == null ? null : new Quantity(memoryForVms), null));
        return MemoryCondition.of(node, kept, NOW);
    }

    private static OptionalLong kept(Map<String, String> capacity, Map<String, String> allocatable) {
        Node node = new NodeBuilder()
                .withNewStatus()
                .withCapacity(quantities(capacity))
                .withAllocatable(quantities(allocatable))
                .endStatus()
                .build();
        return MemoryReservation.of(Optional.of(node));
    }

    private static Map<String, Quantity> quantities(Map<String, String> texts) {
        Map<String, Quantity> quantities = new HashMap<>();
        texts.forEach((name, text) -> quantities.put(name, new Quantity(text)));
        return quantities;
    }
}
