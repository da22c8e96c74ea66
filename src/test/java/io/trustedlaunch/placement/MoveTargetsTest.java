package io.trustedlaunch.placement;

import static io.trustedlaunch.placement.NodeDraft.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Affinity;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.TaintEffect;
import io.trustedlaunch.api.VMAffinity;
import io.trustedlaunch.api.VMAffinity.VMAffinityTerm;
import io.trustedlaunch.placement.PlacementPolicy.Strategy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Where a guest on host-a could go on. */
class MoveTargetsTest {
    private static final Capabilities KVM_AND_VBS = new Capabilities(true, true, true, false, true);
    private static final Capabilities EMULATION = new Capabilities(true, true, false, true, false);
    private static final SharedLocations ONE_FOLDER =
            new SharedLocations(Map.of("default", List.of(Set.of("host-a", "host-b", "host-c"))));

    private static final long DISKS = 3 * GIB;

    @Test
    void theEmptiestIsTheBestAndItsOwnNodeIsNone() {
        MoveTargets targets =
                targets(PlacementPolicy.DEFAULT, node("host-a"), node("host-b").inUse(1, GIB), node("host-c"));
        assertThat(targets.nodes()).containsExactly("host-c", "host-b");
        assertThat(targets.best()).contains("host-c");
        assertThat(targets.rejections()).isEmpty();
    }

    @Test
    void packingMovesItToTheFullest() {
        assertThat(targets(
                                new PlacementPolicy(4, Strategy.Pack),
                                node("host-a"),
                                node("host-b").inUse(1, GIB),
                                node("host-c"))
                        .nodes())
                .containsExactly("host-b", "host-c");
    }

    @Test
    void aNodeWithoutTheFolderAndWithoutRoomForACopyIsNone() {
        assertRejects(node("host-b").shared(SharedLocations.NONE), "not proved to share");
        assertRejects(node("host-b").shared(SharedLocations.NONE), "it has 0Mi free there, of 3072Mi");
        assertRejects(withRoom("host-b", "2Gi"), "it has 2048Mi free there, of 3072Mi");
    }

    @Test
    void aNodeWithRoomTakesACopyAndComesAfterThoseThatNeedNone() {
        MoveTargets targets = targets(
                PlacementPolicy.DEFAULT,
                node("host-a"),
                withRoom("host-d", "3Gi"),
                node("host-b").inUse(1, GIB));
        assertThat(targets.nodes()).containsExactly("host-b", "host-d");
        assertThat(targets.copies()).isEqualTo(1);
    }

    /** Of the folder itself it has nothing. */
    private static NodeDraft withRoom(String name, String free) {
        return node(name)
                .shared(SharedLocations.NONE)
                .locations(ClusterNodeStatusLocationBuilder.builder()
                        .name("default")
                        .ready(true)
                        .freeSpace(new Quantity(free))
                        .build());
    }

    @Test
    void aNodeWhoseAgentDoesNotTakePartIsNone() {
        assertRejects(node("host-b").noMigrationPort(), "no migrationPort");
    }

    @Test
    void aNodeWithLessOfAProcessorIsNone() {
        assertRejects(node("host-b").capabilities(EMULATION), "KVM does not work there");
        assertRejects(node("host-a").capabilities(KVM_AND_VBS), node("host-b"), "virtualization-based");
        assertThat(targets(PlacementPolicy.DEFAULT, node("host-a").capabilities(EMULATION), node("host-b"))
                        .nodes())
                .containsExactly("host-b");
    }

    @Test
    void aNodeWithAnOlderHypervisorIsNone() {
        assertRejects(node("host-b").qemu("8.2.1"), "its QEMU 8.2.1 is older than 9.0.0");
        assertThat(targets(
                                PlacementPolicy.DEFAULT,
                                node("host-a"),
                                node("host-b").qemu("10.0.0"))
                        .nodes())
                .as("by number, not by letter")
                .containsExactly("host-b");
    }

    @Test
    void whatEveryVmNeedsIsAskedToo() {
        assertRejects(node("host-b").inUse(1, 8 * GIB), "of memory free");
        assertRejects(node("host-b").taint("dedicated", "lab", TaintEffect.NoExecute), "dedicated=lab:NoExecute");
    }

    @Test
    void twoNodesThatAreDrainedAtOnceSendEachOtherNothing() {
        NodeDraft one = node("host-a").maintenance(Maintenance.Drain);
        NodeDraft other = node("host-b").maintenance(Maintenance.Drain);
        assertRejects(one, other, "its spec.maintenance is Drain");
        assertRejects(other, one, "its spec.maintenance is Drain");
    }

    @Test
    void aGuestThatMovesKeepsApartFromOthersButNotFromItself() {
        Constraints apart = Constraints.of(
                Map.of("app", "db"),
                null,
                new Affinity(
                        null,
                        null,
                        new VMAffinity(
                                List.of(new VMAffinityTerm(
                                        new LabelSelector(Map.of("app", "db"), null), "kubernetes.io/hostname")),
                                null)),
                null);
        PlacedVm other = new PlacedVm("db-2", Map.of("app", "db"), List.of(), Set.of("host-b"));
        Placement placement = new Placement(
                List.of(
                        node("host-a").candidate(),
                        node("host-b").candidate(),
                        node("host-c").candidate()),
                List.of(other),
                PlacementPolicy.DEFAULT);
        MoveTargets targets =
                placement.targets(demand(apart), DISKS, placement.nodes().getFirst(), node -> true);
        assertThat(targets.nodes()).containsExactly("host-c");
        assertThat(targets.whyNot()).startsWith("host-b: VM db-2 is there");
    }

    private static void assertRejects(NodeDraft node, String why) {
        assertRejects(node("host-a"), node, why);
    }

    private static void assertRejects(NodeDraft source, NodeDraft node, String why) {
        MoveTargets targets = targets(PlacementPolicy.DEFAULT, source, node);
        assertThat(targets.nodes()).isEmpty();
        assertThat(targets.whyNot()).startsWith(node.candidate().name() + ": ").contains(why);
    }

    private static MoveTargets targets(PlacementPolicy policy, NodeDraft source, NodeDraft... others) {
        NodeInfo from = source.candidate();
        List<NodeInfo> all = Stream.concat(
                        Stream.of(from), Arrays.stream(others).map(NodeDraft::candidate))
                .toList();
        return new Placement(all, List.of(), policy).targets(demand(Constraints.NONE), DISKS, from, node -> true);
    }

    private static Requests demand(Constraints constraints) {
        return new Requests(2, GIB, List.of(), List.of("default"), constraints);
    }

    private static NodeDraft node(String name) {
        return NodeDraft.node(name).shared(ONE_FOLDER);
    }
}
