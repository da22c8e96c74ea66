package io.trustedlaunch.placement;

import static io.trustedlaunch.placement.NodeDraft.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.ProcessorVendor;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.node.NodeVirtualization.Nested;
import io.trustedlaunch.api.vm.Affinity;
import io.trustedlaunch.api.vm.TaintEffect;
import io.trustedlaunch.api.vm.VMAffinity;
import io.trustedlaunch.api.vm.VMAffinity.VMAffinityTerm;
import io.trustedlaunch.placement.PlacementPolicy.Strategy;
import io.trustedlaunch.placement.SharedLocations.Folder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The nodes that a VM on host-a can migrate to. */
class MigrationTargetsTest {
    private static final Capabilities KVM_AND_VBS = new Capabilities(true, true, true, false, true);
    private static final NodeVirtualization INTEL =
            new NodeVirtualization(ProcessorVendor.Intel, Nested.Offered, "", false);
    private static final NodeVirtualization AMD = new NodeVirtualization(ProcessorVendor.AMD, Nested.Proved, "", false);
    private static final Capabilities EMULATION = new Capabilities(true, true, false, true, false);
    private static final SharedLocations ONE_FOLDER = new SharedLocations(
            Map.of("default", List.of(new Folder(Set.of("host-a", "host-b", "host-c"), Optional.of(true)))));

    private static final long DISKS = 3 * GIB;

    @Test
    void theEmptiestIsTheBestAndTheVmsOwnNodeIsExcluded() {
        MigrationTargets targets =
                targets(PlacementPolicy.DEFAULT, node("host-a"), node("host-b").inUse(1, GIB), node("host-c"));
        assertThat(targets.nodes()).containsExactly("host-c", "host-b");
        assertThat(targets.best()).contains("host-c");
        assertThat(targets.rejections()).isEmpty();
    }

    @Test
    void packingPrefersTheFullest() {
        assertThat(targets(
                                new PlacementPolicy(4, Strategy.Pack),
                                node("host-a"),
                                node("host-b").inUse(1, GIB),
                                node("host-c"))
                        .nodes())
                .containsExactly("host-b", "host-c");
    }

    @Test
    void aNodeWithoutTheFolderAndWithoutRoomForACopyIsRejected() {
        assertRejects(node("host-b").shared(SharedLocations.NONE), "not proved to share");
        assertRejects(
                node("host-b").shared(SharedLocations.NONE),
                "has 0Mi free there, but a copy of the VM's disks needs 3072Mi");
        assertRejects(withRoom("host-b", "2Gi"), "has 2048Mi free there, but a copy of the VM's disks needs 3072Mi");
    }

    @Test
    void theRemovedDisksOfAVmKeepItFromANodeThatNeedsACopy() {
        NodeInfo source = node("host-a").info();
        Placement placement = new Placement(
                List.of(source, withRoom("host-d", "3Gi").info(), node("host-b").info()),
                List.of(),
                PlacementPolicy.DEFAULT);
        MigrationTargets targets =
                placement.targets(RequestsDraft.requests().hasRemovedDisks(true).build(), DISKS, source, node -> true);

        assertThat(targets.nodes()).containsExactly("host-b");
        assertThat(targets.message()).startsWith("host-d: ").contains("would not copy the VM's removed disks");
    }

    @Test
    void theDiscOfAVmKeepsItFromANodeThatNeedsACopy() {
        NodeInfo source = node("host-a").info();
        Placement placement = new Placement(
                List.of(source, withRoom("host-d", "3Gi").info(), node("host-b").info()),
                List.of(),
                PlacementPolicy.DEFAULT);
        MigrationTargets targets = placement.targets(
                RequestsDraft.requests().discs(List.of("tools")).build(), DISKS, source, node -> true);

        assertThat(targets.nodes()).containsExactly("host-b");
        assertThat(targets.message()).startsWith("host-d: ").contains("eject it with kubectl tlvm disc eject");
    }

    @Test
    void aNodeThatNeedsACopyComesAfterThoseThatNeedNone() {
        MigrationTargets targets = targets(
                PlacementPolicy.DEFAULT,
                node("host-a"),
                withRoom("host-d", "3Gi"),
                node("host-b").inUse(1, GIB));
        assertThat(targets.nodes()).containsExactly("host-b", "host-d");
        assertThat(targets.copies()).isEqualTo(1);
    }

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
    void aNodeWhoseAgentAcceptsNoMigrationsIsRejected() {
        assertRejects(node("host-b").noMigrationPort(), "no migrationPort");
    }

    @Test
    void aNodeThatLacksAProcessorFeatureIsRejected() {
        assertRejects(node("host-b").capabilities(EMULATION), "KVM does not work on its host");
        assertRejects(node("host-a").capabilities(KVM_AND_VBS), node("host-b"), "may have from host-a");
        assertThat(targets(PlacementPolicy.DEFAULT, node("host-a").capabilities(EMULATION), node("host-b"))
                        .nodes())
                .containsExactly("host-b");
    }

    /** A guest keeps what it was started with, and needs no more. */
    @Test
    void theNestedVirtualizationOfTheGuestCountsAndNotThatOfItsNode() {
        NodeDraft source = node("host-a").virtualization(INTEL);
        NodeDraft[] others = {
            node("host-b").virtualization(AMD), node("host-c").virtualization(INTEL),
        };
        assertThat(withNested(NestedVirtualization.None, source, others).nodes())
                .containsExactlyInAnyOrder("host-b", "host-c");
        assertThat(withNested(NestedVirtualization.Intel, source, others).nodes())
                .containsExactly("host-c");
        assertThat(withNested(NestedVirtualization.AMD, source, others).nodes()).containsExactly("host-b");
        assertThat(withNested(NestedVirtualization.AMD, source, node("host-c").virtualization(INTEL))
                        .message())
                .startsWith("host-c: ")
                .contains("does not offer the nested virtualization of AMD, which the guest has");
    }

    /** An older agent only says whether a guest can nest. */
    @Test
    void aNodeWhoseAgentIsOlderIsTakenAtItsWord() {
        assertThat(withNested(
                                NestedVirtualization.Intel,
                                node("host-a").virtualization(INTEL),
                                node("host-b").capabilities(KVM_AND_VBS))
                        .nodes())
                .containsExactly("host-b");
    }

    @Test
    void aGuestThatUsesEvmcsKeepsIt() {
        NodeInfo source = node("host-a").virtualization(INTEL).info();
        NodeInfo without = node("host-b").virtualization(INTEL).info();
        NodeInfo with = node("host-c")
                .virtualization(new NodeVirtualization(ProcessorVendor.Intel, Nested.Offered, "", true))
                .info();
        Requests requests = RequestsDraft.requests()
                .nested(Optional.of(NestedVirtualization.Intel))
                .enlightenedVmcs(true)
                .build();
        MigrationTargets targets = new Placement(List.of(source, without, with), List.of(), PlacementPolicy.DEFAULT)
                .targets(requests, DISKS, source, node -> true);

        assertThat(targets.nodes()).containsExactly("host-c");
        assertThat(targets.message()).startsWith("host-b: ").contains("evmcs");
    }

    private static MigrationTargets withNested(NestedVirtualization nested, NodeDraft source, NodeDraft... others) {
        NodeInfo from = source.info();
        List<NodeInfo> all = Stream.concat(
                        Stream.of(from), Arrays.stream(others).map(NodeDraft::info))
                .toList();
        return new Placement(all, List.of(), PlacementPolicy.DEFAULT)
                .targets(RequestsDraft.requests().nested(Optional.of(nested)).build(), DISKS, from, node -> true);
    }

    @Test
    void aNodeWithAnOlderHypervisorIsRejected() {
        assertRejects(node("host-b").qemu("8.2.1"), "its QEMU 8.2.1 is older than 9.0.0");
        assertThat(targets(
                                PlacementPolicy.DEFAULT,
                                node("host-a"),
                                node("host-b").qemu("10.0.0"))
                        .nodes())
                .as("compared as numbers, not as text")
                .containsExactly("host-b");
    }

    @Test
    void theRequirementsOfEveryVmApplyToo() {
        assertRejects(node("host-b").inUse(1, 8 * GIB), "of memory for VMs are free");
        assertRejects(node("host-b").taint("dedicated", "lab", TaintEffect.NoExecute), "dedicated=lab:NoExecute");
    }

    @Test
    void twoNodesThatAreDrainedAtOnceAreNoTargetsOfEachOther() {
        NodeDraft one = node("host-a").maintenance(Maintenance.Drain);
        NodeDraft other = node("host-b").maintenance(Maintenance.Drain);
        assertRejects(one, other, "its spec.maintenance is Drain");
        assertRejects(other, one, "its spec.maintenance is Drain");
    }

    @Test
    void aVmThatMigratesIsKeptApartFromOthersButNotFromItself() {
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
                        node("host-a").info(),
                        node("host-b").info(),
                        node("host-c").info()),
                List.of(other),
                PlacementPolicy.DEFAULT);
        MigrationTargets targets =
                placement.targets(requests(apart), DISKS, placement.nodes().getFirst(), node -> true);
        assertThat(targets.nodes()).containsExactly("host-c");
        assertThat(targets.message()).startsWith("host-b: VM db-2 is there, which vmAntiAffinity excludes");
    }

    private static void assertRejects(NodeDraft node, String message) {
        assertRejects(node("host-a"), node, message);
    }

    private static void assertRejects(NodeDraft source, NodeDraft node, String message) {
        MigrationTargets targets = targets(PlacementPolicy.DEFAULT, source, node);
        assertThat(targets.nodes()).isEmpty();
        assertThat(targets.message()).startsWith(node.info().name() + ": ").contains(message);
    }

    private static MigrationTargets targets(PlacementPolicy policy, NodeDraft source, NodeDraft... others) {
        NodeInfo from = source.info();
        List<NodeInfo> all = Stream.concat(
                        Stream.of(from), Arrays.stream(others).map(NodeDraft::info))
                .toList();
        return new Placement(all, List.of(), policy).targets(requests(Constraints.NONE), DISKS, from, node -> true);
    }

    private static Requests requests(Constraints constraints) {
        return RequestsDraft.requests().cores(2).constraints(constraints).build();
    }

    private static NodeDraft node(String name) {
        return NodeDraft.node(name).shared(ONE_FOLDER);
    }
}
