package io.trustedlaunch.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ClusterNodeSpec;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.ClusterNodeStatus.Capacity;
import io.trustedlaunch.api.ClusterNodeStatus.Location;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.placement.Placement.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PlacementTest {
    private static final long GIB = 1L << 30;
    private static final Capabilities ABLE = new Capabilities(true, true, true, false, false);
    private static final Location READY = new Location("default", true, null, null, null, null, null);

    private static final Demand DEMAND =
            new Demand(2, 4 * GIB, Map.of("disk", "ssd"), List.of("vlan-42"), List.of("default"));

    @Test
    void aNodeThatHasEverythingIsChosen() {
        assertThat(Placement.choose(DEMAND, List.of(able("host-a")))).isEqualTo(new Outcome.Chosen("host-a"));
    }

    @Test
    void ofTwoTheOneWithMoreFreeMemoryIsChosen() {
        Candidate fuller = able("host-a", node -> inUse(node, 5 * GIB));
        assertThat(Placement.choose(DEMAND, List.of(fuller, able("host-b")))).isEqualTo(new Outcome.Chosen("host-b"));
    }

    @Test
    void betweenEqualsTheNameDecidesWhateverTheOrder() {
        assertThat(Placement.choose(DEMAND, List.of(able("host-b"), able("host-a"))))
                .isEqualTo(new Outcome.Chosen("host-a"));
    }

    @Test
    void aRejectionSaysWhyNodeByNode() {
        Candidate silent = able("host-b", PlacementTest::silent);
        Candidate fenced = able("host-a", PlacementTest::fenced);
        Outcome outcome = Placement.choose(DEMAND, List.of(silent, fenced));
        assertThat(((Outcome.Rejected) outcome).message())
                .startsWith("host-a: it is tainted out-of-service; host-b: its agent");
    }

    static Stream<Arguments> unfit() {
        return Stream.of(
                Arguments.of("a silent agent", change(PlacementTest::silent), "has not renewed its Lease"),
                Arguments.of("shutting down", change(PlacementTest::shuttingDown), "is being shut down"),
                Arguments.of("out of service", change(PlacementTest::fenced), "out-of-service"),
                Arguments.of("cordoned", change(node -> maintenance(node, Maintenance.Cordon)), "Cordon"),
                Arguments.of("to be drained", change(node -> maintenance(node, Maintenance.Drain)), "Drain"),
                Arguments.of(
                        "cordoned in Kubernetes",
                        change(PlacementTest::unschedulable),
                        "Node of that name is cordoned"),
                Arguments.of("no vTPM", capable(new Capabilities(false, true, true, true, true)), "vTPM"),
                Arguments.of("no Secure Boot", capable(new Capabilities(true, false, true, true, true)), "Secure Boot"),
                Arguments.of("no KVM", capable(new Capabilities(true, true, false, false, false)), "KVM"),
                Arguments.of("no certificate", change(PlacementTest::uncertified), "certificate"),
                Arguments.of("too few cores", change(node -> cores(node, 1)), "it has 1 cores, the VM wants 2"),
                Arguments.of("memory in use", change(node -> inUse(node, 5 * GIB)), "3072Mi"),
                Arguments.of("no label", change(node -> labels(node, Map.of("disk", "hdd"))), "disk=ssd"),
                Arguments.of("no network", change(node -> networks(node, List.of("default"))), "no network vlan-42"),
                Arguments.of("location unknown", change(node -> locations(node, List.of())), "has not reported"),
                Arguments.of(
                        "location open",
                        change(node -> locations(
                                node,
                                List.of(new Location(
                                        "default", false, "LocationNotRestricted", "mode 0755", null, null, null)))),
                        "mode 0755"),
                Arguments.of("no status yet", change(PlacementTest::blank), "vTPM"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unfit")
    void aNodeThatLacksSomethingIsRejectedAndSaysWhat(String name, UnaryOperator<Candidate> change, String why) {
        Outcome outcome = Placement.choose(DEMAND, List.of(able("host-a", change)));
        assertThat(outcome).isInstanceOf(Outcome.Rejected.class);
        assertThat(((Outcome.Rejected) outcome).message()).contains(why);
    }

    @Test
    void emulationWillDoWhereTheAgentAllowsIt() {
        Candidate emulating = able("host-a", capable(new Capabilities(true, true, false, true, false)));
        assertThat(Placement.choose(DEMAND, List.of(emulating))).isEqualTo(new Outcome.Chosen("host-a"));
    }

    @Test
    void withoutAWordFromTheAdministratorTheHostKeepsTwoGibibytes() {
        Candidate node = able("host-a", candidate -> spec(candidate, new ClusterNodeSpec("a", Maintenance.None, null)));
        assertThat(node.memoryForVMs()).isEqualTo(14 * GIB);
    }

    private static UnaryOperator<Candidate> change(UnaryOperator<Candidate> change) {
        return change;
    }

    private static UnaryOperator<Candidate> capable(Capabilities capabilities) {
        return node -> status(node, capabilities, node.status().capacity(), node.networks(), List.of(READY));
    }

    private static Candidate able(String name) {
        return able(name, UnaryOperator.identity());
    }

    private static Candidate able(String name, UnaryOperator<Candidate> change) {
        ClusterNodeStatus status = new ClusterNodeStatus(
                1L,
                ABLE,
                new Capacity(4, new Quantity("16Gi")),
                null,
                List.of("default", "vlan-42"),
                List.of(READY),
                "pem",
                null,
                null,
                null);
        return change.apply(new Candidate(
                name,
                new ClusterNodeSpec("192.0.2.1", Maintenance.None, new Quantity("8Gi")),
                status,
                Map.of("disk", "ssd"),
                true,
                false,
                false,
                Optional.empty(),
                0,
                SharedLocations.NONE));
    }

    private static Candidate silent(Candidate n) {
        return new Candidate(
                n.name(), n.spec(), n.status(), n.labels(), false, false, false, n.certificateFault(), 0, n.shared());
    }

    private static Candidate fenced(Candidate n) {
        return new Candidate(
                n.name(), n.spec(), n.status(), n.labels(), true, true, false, n.certificateFault(), 0, n.shared());
    }

    private static Candidate unschedulable(Candidate n) {
        return new Candidate(
                n.name(), n.spec(), n.status(), n.labels(), true, false, true, n.certificateFault(), 0, n.shared());
    }

    private static Candidate shuttingDown(Candidate n) {
        Condition ready = new ConditionBuilder()
                .withType(ConditionType.Ready.name())
                .withStatus("False")
                .withReason(Reason.HostShuttingDown.name())
                .build();
        ClusterNodeStatus told = n.status();
        ClusterNodeStatus now = new ClusterNodeStatus(
                1L,
                told.capabilities(),
                told.capacity(),
                null,
                told.networks(),
                told.storageLocations(),
                "pem",
                null,
                List.of(ready),
                null);
        return new Candidate(
                n.name(), n.spec(), now, n.labels(), true, false, false, n.certificateFault(), 0, n.shared());
    }

    private static Candidate uncertified(Candidate n) {
        return new Candidate(
                n.name(),
                n.spec(),
                n.status(),
                n.labels(),
                true,
                false,
                false,
                Optional.of("its certificate has expired"),
                0,
                n.shared());
    }

    private static Candidate blank(Candidate n) {
        return new Candidate(
                n.name(), n.spec(), null, n.labels(), true, false, false, n.certificateFault(), 0, n.shared());
    }

    private static Candidate inUse(Candidate n, long bytes) {
        return new Candidate(
                n.name(),
                n.spec(),
                n.status(),
                n.labels(),
                true,
                false,
                false,
                n.certificateFault(),
                bytes,
                n.shared());
    }

    private static Candidate labels(Candidate n, Map<String, String> labels) {
        return new Candidate(
                n.name(), n.spec(), n.status(), labels, true, false, false, n.certificateFault(), 0, n.shared());
    }

    private static Candidate spec(Candidate n, ClusterNodeSpec spec) {
        return new Candidate(
                n.name(), spec, n.status(), n.labels(), true, false, false, n.certificateFault(), 0, n.shared());
    }

    private static Candidate maintenance(Candidate n, Maintenance maintenance) {
        return spec(n, new ClusterNodeSpec("192.0.2.1", maintenance, new Quantity("8Gi")));
    }

    private static Candidate cores(Candidate n, int cores) {
        return status(n, ABLE, new Capacity(cores, new Quantity("16Gi")), n.networks(), List.of(READY));
    }

    private static Candidate networks(Candidate n, List<String> networks) {
        return status(n, ABLE, n.status().capacity(), networks, List.of(READY));
    }

    private static Candidate locations(Candidate n, List<Location> locations) {
        return status(n, ABLE, n.status().capacity(), n.networks(), locations);
    }

    private static Candidate status(
            Candidate n,
            Capabilities capabilities,
            Capacity capacity,
            List<String> networks,
            List<Location> locations) {
        return new Candidate(
                n.name(),
                n.spec(),
                new ClusterNodeStatus(1L, capabilities, capacity, null, networks, locations, "pem", null, null, null),
                n.labels(),
                true,
                false,
                false,
                n.certificateFault(),
                n.memoryInUse(),
                n.shared());
    }

    @Test
    void aLocationIsSharedByTheNodesOfOneGroupAndByNoOthers() {
        SharedLocations shared =
                new SharedLocations(Map.of("csv", List.of(Set.of("host-a", "host-b"), Set.of("host-c", "host-d"))));
        Candidate node = sharing(able("host-a"), shared);

        assertThat(node.sharesLocation("csv", "host-b")).isTrue();
        assertThat(node.sharesLocation("csv", "host-c")).isFalse();
        assertThat(node.sharesLocation("default", "host-b")).isFalse();
        assertThat(node.sharesLocation("default", "host-a")).isTrue();
    }

    private static Candidate sharing(Candidate n, SharedLocations shared) {
        return new Candidate(
                n.name(), n.spec(), n.status(), n.labels(), true, false, false, n.certificateFault(), 0, shared);
    }
}
