package io.trustedlaunch.placement;

import static io.trustedlaunch.placement.NodeDraft.GIB;
import static io.trustedlaunch.placement.NodeDraft.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ProcessorVendor;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.node.NodeVirtualization.Nested;
import io.trustedlaunch.api.vm.TaintEffect;
import io.trustedlaunch.placement.Placement.Outcome;
import io.trustedlaunch.placement.PlacementPolicy.Strategy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which nodes can take a VM by their resources and features, and which of them is chosen. */
class PlacementTest {
    private static final Requests REQUESTS = RequestsDraft.requests()
            .cores(2)
            .memoryBytes(4 * GIB)
            .networks(List.of("vlan-42"))
            .constraints(Constraints.of(null, Map.of("disk", "ssd"), null, null))
            .build();

    @Test
    void aNodeThatHasEverythingIsChosen() {
        assertThat(choose(node("host-a"))).isEqualTo(new Outcome.Chosen("host-a"));
    }

    @Test
    void theNameDecidesBetweenEqualsInAnyOrder() {
        assertThat(choose(node("host-b"), node("host-a"))).isEqualTo(new Outcome.Chosen("host-a"));
    }

    @Test
    void onlyOfferedNodesAreChosen() {
        Placement placement = new Placement(
                List.of(node("host-a").info(), node("host-b").info()), List.of(), PlacementPolicy.DEFAULT);
        assertThat(placement.choose(REQUESTS, one -> one.name().equals("host-b")))
                .isEqualTo(new Outcome.Chosen("host-b"));
    }

    @Test
    void aTpmIsNotTakenToAnOlderLibtpms() {
        Requests ranWith =
                RequestsBuilder.builder(REQUESTS).libtpms(Optional.of("0.10.2")).build();
        Placement older = placement(node("host-a").libtpms("0.9.2"));

        assertThat(older.choose(ranWith, one -> true))
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.message())
                                .isEqualTo("host-a: its libtpms 0.9.2 is older than 0.10.2, which the VM's TPM ran with"
                                        + " last, and may not open its state; upgrade libtpms on it"));
        assertThat(older.choose(REQUESTS, one -> true))
                .as("a VM without a TPM, or whose TPM ran where nothing was reported")
                .isEqualTo(new Outcome.Chosen("host-a"));
        for (String fitting : Arrays.asList("0.10.2", "0.10.0", "0.11.1", "1.0.0", null)) {
            assertThat(placement(node("host-a").libtpms(fitting)).choose(ranWith, one -> true))
                    .as("libtpms %s", fitting)
                    .isEqualTo(new Outcome.Chosen("host-a"));
        }
    }

    private static Placement placement(NodeDraft node) {
        return new Placement(List.of(node.info()), List.of(), PlacementPolicy.DEFAULT);
    }

    static Stream<Arguments> unsuitable() {
        return Stream.of(
                Arguments.of("no agent", node("x").agentNotResponding(), "has not renewed its Lease"),
                Arguments.of(
                        "no answer", node("x").notAnswered(), "has not answered the present leader of the operator"),
                Arguments.of("shutting down", node("x").condition(shuttingDown()), "is being shut down"),
                Arguments.of("out of service", node("x").outOfService(), "out-of-service"),
                Arguments.of("cordoned", node("x").maintenance(Maintenance.Cordon), "Cordon"),
                Arguments.of("draining", node("x").maintenance(Maintenance.Drain), "Drain"),
                Arguments.of("cordoned in Kubernetes", node("x").unschedulable(), "its Kubernetes Node is cordoned"),
                Arguments.of(
                        "tainted",
                        node("x").taint("dedicated", "lab", TaintEffect.NoSchedule),
                        "the taint dedicated=lab:NoSchedule, which the VM does not tolerate"),
                Arguments.of(
                        "no vTPM", node("x").capabilities(new Capabilities(false, true, true, true, true)), "vTPM"),
                Arguments.of(
                        "no Secure Boot",
                        node("x").capabilities(new Capabilities(true, false, true, true, true)),
                        "Secure Boot"),
                Arguments.of(
                        "no KVM", node("x").capabilities(new Capabilities(true, true, false, false, false)), "KVM"),
                Arguments.of(
                        "an older agent",
                        node("x").incarnationFields("cores", "nics.network"),
                        "its agent 1 does not know osType=Linux, which the VM's next incarnation uses; upgrade DaemonSet"
                                + " trusted-launch-agent"),
                Arguments.of(
                        "no certificate",
                        node("x").certificateFault("its certificate has expired"),
                        "its certificate has expired"),
                Arguments.of("too few cores", node("x").cores(1), "it has 1 cores, the VM requests 2"),
                Arguments.of(
                        "cores in use",
                        node("x").inUse(15, 0),
                        "1 of its 16 virtual cores are free, the VM requests 2"),
                Arguments.of(
                        "memory in use",
                        node("x").inUse(2, 5 * GIB),
                        "3072Mi of its 8192Mi of memory for VMs are free, the VM requests 4096Mi"),
                Arguments.of(
                        "memory not reserved",
                        node("x").memoryKeptFromPods(2 * GIB),
                        "2048Mi of its 2048Mi of memory for VMs are free, the VM requests 4096Mi; its kubelet keeps less"
                                + " from pods than spec.memoryForVMs says: see condition MemoryReserved of its"
                                + " ClusterNode"),
                Arguments.of("no label", node("x").labels(Map.of("disk", "hdd")), "disk=ssd"),
                Arguments.of(
                        "no network", node("x").networks("default"), "it has no network vlan-42 (it has [default])"),
                Arguments.of("location unknown", node("x").locations(), "has not reported"),
                Arguments.of(
                        "location not ready",
                        node("x")
                                .locations(ClusterNodeStatusLocationBuilder.builder()
                                        .name("default")
                                        .ready(false)
                                        .reason("LocationNotRestricted")
                                        .message("mode 0755")
                                        .build()),
                        "mode 0755"),
                Arguments.of("not enrolled", node("x").notEnrolled(), "run kubectl tlvm node approve x"),
                Arguments.of("no status yet", node("x").withoutStatus(), "it is not enrolled"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unsuitable")
    void aNodeThatLacksSomethingIsRejectedWithTheReason(String name, NodeDraft node, String message) {
        assertThat(choose(node))
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected ->
                                assertThat(rejected.message()).startsWith("x: ").contains(message));
    }

    @Test
    void aVmThatRequiresVirtualizationBasedSecurityRunsOnlyWhereItIsOffered() {
        NodeDraft without = node("host-a")
                .virtualization(
                        new NodeVirtualization(ProcessorVendor.Intel, Nested.None, "kvm_intel has nested=0", false));
        assertThat(chooseForVbs(without, node("host-b")))
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.message())
                                .contains(
                                        "host-a: it does not offer virtualization-based security, which the VM requires:"
                                                + " kvm_intel has nested=0",
                                        "host-b: it does not offer virtualization-based security"));
        for (Nested nested : List.of(Nested.Offered, Nested.Proved)) {
            assertThat(chooseForVbs(
                            without,
                            node("host-b")
                                    .virtualization(new NodeVirtualization(ProcessorVendor.Intel, nested, "", false))))
                    .isEqualTo(new Outcome.Chosen("host-b"));
        }
    }

    private static Outcome chooseForVbs(NodeDraft... nodes) {
        return new Placement(Stream.of(nodes).map(NodeDraft::info).toList(), List.of(), PlacementPolicy.DEFAULT)
                .choose(RequestsBuilder.builder(REQUESTS).requiresVbs(true).build(), node -> true);
    }

    @Test
    void emulationSufficesIfTheAgentAllowsIt() {
        assertThat(choose(node("host-a").capabilities(new Capabilities(true, true, false, true, false))))
                .isEqualTo(new Outcome.Chosen("host-a"));
    }

    @Test
    void coresAreOvercommittedAsConfiguredAndMemoryNever() {
        NodeDraft node = node("host-a").inUse(5, 0);
        assertThat(choose(new PlacementPolicy(1.5, Strategy.Spread), node)).isInstanceOf(Outcome.Rejected.class);
        assertThat(choose(new PlacementPolicy(1.75, Strategy.Spread), node)).isEqualTo(new Outcome.Chosen("host-a"));
        assertThat(choose(new PlacementPolicy(100, Strategy.Spread), node.inUse(0, 4 * GIB + 1)))
                .isInstanceOf(Outcome.Rejected.class);
        assertThat(choose(new PlacementPolicy(100, Strategy.Spread), node.inUse(0, 4 * GIB)))
                .isEqualTo(new Outcome.Chosen("host-a"));
    }

    @Test
    void noVmHasMoreCoresThanItsHost() {
        assertThat(choose(
                        new PlacementPolicy(100, Strategy.Spread),
                        node("host-a").cores(1)))
                .isInstanceOf(Outcome.Rejected.class);
    }

    @Test
    void spreadChoosesTheEmptiestNodeAndPackTheFullestWithRoom() {
        NodeDraft[] nodes = {
            node("empty"),
            node("half").inUse(2, 2 * GIB),
            node("fuller").inUse(4, 4 * GIB),
            node("full").inUse(4, 8 * GIB)
        };
        assertThat(choose(new PlacementPolicy(4, Strategy.Spread), nodes)).isEqualTo(new Outcome.Chosen("empty"));
        assertThat(choose(new PlacementPolicy(4, Strategy.Pack), nodes)).isEqualTo(new Outcome.Chosen("fuller"));
    }

    @Test
    void theFullnessOfANodeIsThatOfItsScarcerResource() {
        NodeDraft fewCores = node("a").inUse(12, GIB);
        NodeDraft littleMemory = node("c").inUse(1, 4 * GIB);
        NodeDraft halfOfBoth = node("b").inUse(8, 2 * GIB);
        assertThat(choose(PlacementPolicy.DEFAULT, fewCores, halfOfBoth)).isEqualTo(new Outcome.Chosen("b"));
        assertThat(choose(PlacementPolicy.DEFAULT, littleMemory, halfOfBoth)).isEqualTo(new Outcome.Chosen("b"));
        assertThat(choose(new PlacementPolicy(4, Strategy.Pack), fewCores, halfOfBoth))
                .isEqualTo(new Outcome.Chosen("a"));
    }

    @Test
    void twoGibibytesAreReservedForTheHostByDefault() {
        assertThat(node("host-a").memoryForVMs(null).info().memoryForVMs()).isEqualTo(14 * GIB);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "8Gi, 8589934592",
        "8192Mi, 8589934592",
        "8388608Ki, 8589934592",
        "1.5Gi, 1610612736",
        "8G, 8000000000",
        "8589934592, 8589934592",
        "1Ti, 1099511627776",
    })
    void memoryQuantitiesAreConvertedToBytes(String written, long bytes) {
        assertThat(node("host-a").hostMemory("2Ti").memoryForVMs(written).info().memoryForVMs())
                .isEqualTo(bytes);
    }

    @Test
    void whatIsSetForVmsIsTheirsOnlyAsFarAsTheKubeletKeepsItFromPods() {
        NodeDraft node = node("host-a").memoryForVMs("8Gi");
        assertThat(node.info().memoryForVMs()).as("no kubelet reports memory").isEqualTo(8 * GIB);
        assertThat(node.memoryKeptFromPods(10 * GIB).info().memoryForVMs()).isEqualTo(8 * GIB);
        assertThat(node.memoryKeptFromPods(3 * GIB).info().memoryForVMs()).isEqualTo(3 * GIB);
        assertThat(node.memoryForVMs(null).info().memoryForVMs()).as("not set").isEqualTo(14 * GIB);
    }

    @Test
    void vmsGetNoMemoryThatTheHostDoesNotHave() {
        assertThat(node("host-a").memoryForVMs("64Gi").info().memoryForVMs()).isEqualTo(16 * GIB);
    }

    @Test
    void aLocationIsSharedWithinAGroupOnly() {
        NodeInfo node = node("host-a")
                .shared(new SharedLocations(
                        Map.of("csv", List.of(folder("host-a", "host-b"), folder("host-c", "host-d")))))
                .info();

        assertThat(node.sharesLocation("csv", "host-b")).isTrue();
        assertThat(node.sharesLocation("csv", "host-c")).isFalse();
        assertThat(node.sharesLocation("csv", "host-x")).isFalse();
        assertThat(node.sharesLocation("default", "host-b")).isFalse();
        assertThat(node.sharesLocation("default", "host-a")).isTrue();
    }

    private static SharedLocations.Folder folder(String... nodes) {
        return new SharedLocations.Folder(Set.of(nodes), Optional.empty());
    }

    private static Condition shuttingDown() {
        return new ConditionBuilder()
                .withType(ConditionType.HostReady.name())
                .withStatus("False")
                .withReason(Reason.HostShuttingDown.name())
                .build();
    }

    private static Outcome choose(NodeDraft... nodes) {
        return choose(PlacementPolicy.DEFAULT, nodes);
    }

    private static Outcome choose(PlacementPolicy policy, NodeDraft... nodes) {
        return new Placement(Arrays.stream(nodes).map(NodeDraft::info).toList(), List.of(), policy)
                .choose(REQUESTS, node -> true);
    }
}
