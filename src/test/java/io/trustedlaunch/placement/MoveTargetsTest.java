package io.trustedlaunch.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ClusterNodeSpec;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.ClusterNodeStatus.Capacity;
import io.trustedlaunch.api.ClusterNodeStatus.Location;
import io.trustedlaunch.api.ClusterNodeStatus.Versions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where a guest on host-a could go on. */
class MoveTargetsTest {
    private static final Capabilities KVM = new Capabilities(true, true, true, false, false);
    private static final Capabilities KVM_AND_VBS = new Capabilities(true, true, true, false, true);
    private static final Capabilities EMULATION = new Capabilities(true, true, false, true, false);
    private static final SharedLocations ONE_FOLDER =
            new SharedLocations(Map.of("default", List.of(Set.of("host-a", "host-b", "host-c"))));
    private static final Demand DEMAND = new Demand(2, 1L << 30, Map.of(), List.of(), List.of("default"));

    @Test
    void theOneWithMostMemoryIsTheBestAndItsOwnNodeIsNone() {
        Candidate source = node("host-a", KVM, "9.0.0", 16_515, ONE_FOLDER, 0);
        MoveTargets targets = MoveTargets.of(
                DEMAND,
                source,
                List.of(
                        source,
                        node("host-b", KVM, "9.0.0", 16_515, ONE_FOLDER, 1L << 30),
                        node("host-c", KVM, "9.0.0", 16_515, ONE_FOLDER, 0)));
        assertThat(targets.nodes()).containsExactly("host-c", "host-b");
        assertThat(targets.best()).contains("host-c");
        assertThat(targets.rejections()).isEmpty();
    }

    @Test
    void aNodeWithoutTheFolderIsNone() {
        assertRejects(KVM, node("host-b", KVM, "9.0.0", 16_515, SharedLocations.NONE, 0), "not proved to share");
    }

    @Test
    void aNodeWhoseAgentDoesNotTakePartIsNone() {
        assertRejects(KVM, node("host-b", KVM, "9.0.0", null, ONE_FOLDER, 0), "no migrationPort");
    }

    @Test
    void aNodeWithLessOfAProcessorIsNone() {
        assertRejects(KVM, node("host-b", EMULATION, "9.0.0", 16_515, ONE_FOLDER, 0), "KVM does not work there");
        assertRejects(KVM_AND_VBS, node("host-b", KVM, "9.0.0", 16_515, ONE_FOLDER, 0), "virtualization-based");
        assertThat(targets(EMULATION, node("host-b", KVM, "9.0.0", 16_515, ONE_FOLDER, 0))
                        .nodes())
                .containsExactly("host-b");
    }

    @Test
    void aNodeWithAnOlderHypervisorIsNone() {
        assertRejects(KVM, node("host-b", KVM, "8.2.1", 16_515, ONE_FOLDER, 0), "its QEMU 8.2.1 is older than 9.0.0");
        assertThat(targets(KVM, node("host-b", KVM, "10.0.0", 16_515, ONE_FOLDER, 0))
                        .nodes())
                .as("by number, not by letter")
                .containsExactly("host-b");
    }

    @Test
    void whatEveryVmNeedsIsAskedToo() {
        assertRejects(KVM, node("host-b", KVM, "9.0.0", 16_515, ONE_FOLDER, 8L << 30), "of memory free");
    }

    private static void assertRejects(Capabilities source, Candidate node, String why) {
        MoveTargets targets = targets(source, node);
        assertThat(targets.nodes()).isEmpty();
        assertThat(targets.whyNot()).startsWith("host-b: ").contains(why);
    }

    private static MoveTargets targets(Capabilities source, Candidate node) {
        Candidate from = node("host-a", source, "9.0.0", 16_515, ONE_FOLDER, 0);
        return MoveTargets.of(DEMAND, from, List.of(from, node));
    }

    private static Candidate node(
            String name,
            Capabilities capabilities,
            String qemu,
            Integer migrationPort,
            SharedLocations shared,
            long inUse) {
        return new Candidate(
                name,
                new ClusterNodeSpec("192.0.2.1", Maintenance.None, new Quantity("8Gi")),
                new ClusterNodeStatus(
                        1L,
                        capabilities,
                        new Capacity(4, new Quantity("16Gi")),
                        new Versions("1", "11.3.0", qemu, "0.10"),
                        List.of(),
                        List.of(new Location("default", true, null, null, null, null, null)),
                        "pem",
                        null,
                        null,
                        migrationPort),
                Map.of(),
                true,
                false,
                false,
                Optional.empty(),
                inUse,
                shared);
    }
}
