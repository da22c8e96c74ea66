package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.placement.PlacedVm;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which other VMs of its namespace a VM has to do with, and where they are. */
class VmAffinityGathererTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

    private final FakeApiServer server = new FakeApiServer();

    @Test
    void aVmIsWhereItsIncarnationsThatAreNotOverAre() {
        TrustedLaunchVM vm = vm("payroll");
        vm("db-1");
        incarnation("db-1", 1, "host-c", Phase.Stopped, "uid-of-db-1");
        incarnation("db-1", 2, "host-a", Phase.Running, "uid-of-db-1");
        incarnation("db-1", 3, "host-b", Phase.Receiving, "uid-of-db-1");
        assertThat(neighbours(vm)).singleElement().satisfies(other -> {
            assertThat(other.name()).isEqualTo("db-1");
            assertThat(other.labels()).isEqualTo(Map.of("app", "db"));
            assertThat(other.requiredAntiAffinity()).hasSize(1);
            assertThat(other.nodes()).isEqualTo(Set.of("host-a", "host-b"));
        });
    }

    @Test
    void aVmIsNotItsOwnNeighbour() {
        TrustedLaunchVM vm = vm("payroll");
        incarnation("payroll", 1, "host-a", Phase.Running, "uid-of-payroll");
        assertThat(neighbours(vm)).isEmpty();
    }

    @Test
    void aVmThatDoesNotRunIsNowhere() {
        TrustedLaunchVM vm = vm("payroll");
        vm("db-1");
        incarnation("db-1", 1, "host-a", Phase.Stopped, "uid-of-db-1");
        assertThat(neighbours(vm)).isEmpty();
    }

    @Test
    void aVmThatWasJustPlacedIsThereBeforeItsIncarnationIs() {
        TrustedLaunchVM vm = vm("payroll");
        TrustedLaunchVM other = vm("db-1");
        FakeOperator operator = operator();
        operator.allocations().reserve(other, new Allocations.Reservation(1, "host-a", Allocated.NONE));
        assertThat(new VmAffinityGatherer(operator).placedVms(vm))
                .extracting(PlacedVm::nodes)
                .containsExactly(Set.of("host-a"));
    }

    @Test
    void incarnationsOfAnotherVmObjectAreIgnored() {
        TrustedLaunchVM vm = vm("payroll");
        vm("db-1");
        incarnation("db-1", 1, "host-a", Phase.Running, "uid-of-another");
        assertThat(neighbours(vm)).isEmpty();
    }

    private List<PlacedVm> neighbours(TrustedLaunchVM vm) {
        return new VmAffinityGatherer(operator()).placedVms(vm);
    }

    private FakeOperator operator() {
        return new FakeOperator(
                server,
                Leaderships.undisputed("one"),
                Leaderships.assignments(),
                new AgentLiveness(() -> 0L),
                new SealingCertificates(
                        () -> {
                            throw new AssertionError("nothing is sealed");
                        },
                        CLOCK),
                Optional.empty(),
                CLOCK);
    }

    private TrustedLaunchVM vm(String name) {
        Map<String, String> labels = Map.of("app", "db");
        TrustedLaunchVM vm = Vms.vm(Vms.spec().affinity(Vms.apartFrom(labels)).build());
        vm.getMetadata().setName(name);
        vm.getMetadata().setUid("uid-of-" + name);
        vm.getMetadata().setLabels(labels);
        return server.createIfAbsent(vm);
    }

    private void incarnation(String vm, long epoch, String node, Phase phase, String owner) {
        server.put(Incarnations.incarnation(
                Incarnations.spec(epoch)
                        .vmRef(new VmRef("finance", vm, "uid-of-" + vm, owner))
                        .nodeName(node)
                        .build(),
                Incarnations.status(phase).build()));
    }
}
