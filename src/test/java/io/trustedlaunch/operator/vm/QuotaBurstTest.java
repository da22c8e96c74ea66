package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusMigrationBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Quotas;
import io.trustedlaunch.testkit.SealingNodes;
import io.trustedlaunch.testkit.Vms;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many VMs, and several operators, in a namespace with a quota. Their nodes have room for all. */
class QuotaBurstTest {
    private static final InstantSource CLOCK = InstantSource.fixed(SealingNodes.NOW);

    private final FakeApiServer server = new FakeApiServer();

    @BeforeEach
    void prepare() {
        server.put(Nodes.storageLocation());
        server.put(Networks.network("default"));
        server.put(GuestImages.image());
        server.put(GuestImages.policy());
        List.of("host-a", "host-b").forEach(node -> server.put(SealingNodes.node(node)));
    }

    @Test
    void ofAThousandVmsExactlyThoseStartThatTheQuotaPermits() {
        server.put(Quotas.quota("small", hard -> hard.vms(12L)));
        burst(1000);
        FakeOperator operator = leading("leader");
        operator.wholePasses();
        operator.look();
        operator.wholePasses();

        assertThat(running()).hasSize(12);
        assertThat(refused()).isEqualTo(988);
        assertThat(ready("vm-999").getReason()).isEqualTo(Reason.QuotaExceeded.name());
        assertThat(ready("vm-999").getMessage())
                .contains("VMQuota small leaves too little: vms: 1 more wanted, 12 of 12 in use, 1 missing");
        assertThat(server.secrets()).as("keys").isEqualTo(12);
    }

    /** Each of them dies after some writes, wherever that is, and another one goes on. */
    @Test
    void ofAThousandVmsAsManyStartWhenOneOperatorDiesAfterAnother() {
        server.put(Quotas.quota("small", hard -> hard.cores(25L)));
        burst(1000);
        for (int leader = 0; leader < 6; leader++) {
            FakeOperator operator = leading("leader-" + leader);
            operator.dieAround(5 + leader, leader % 2 == 0);
            assertThatThrownBy(operator::wholePasses).isInstanceOf(FakeOperator.Crash.class);
            assertThat(charged()).isLessThanOrEqualTo(12);
        }
        leading("last").wholePasses();

        assertThat(running()).hasSize(12);
        assertThat(charged()).isEqualTo(12);
        assertThat(refused()).isEqualTo(988);
    }

    @Test
    void allQuotasHold() {
        server.put(Quotas.quota("cores", hard -> hard.cores(20L)));
        server.put(Quotas.quota("storage", hard -> hard.storage(new Quantity("75Gi"))));
        burst(30);
        leading("leader").wholePasses();

        assertThat(running()).hasSize(7);
    }

    /** Each of two processes leads for a while; what the first has reserved, the second finds on record. */
    @Test
    void aSecondOperatorCountsWhatTheFirstReserved() {
        server.put(Quotas.quota("small", hard -> hard.memory(new Quantity("3Gi"))));
        List<TrustedLaunchVM> vms = burst(10);
        FakeOperator first = leading("first");
        first.pass(vms.get(0));
        first.dieAround(3, false);
        assertThatThrownBy(() -> first.pass(vms.get(1))).isInstanceOf(FakeOperator.Crash.class);
        assertThat(status(vms.get(1)).charged().memory()).isEqualTo(new Quantity("1Gi"));
        assertThat(running()).containsExactly("vm-0");
        FakeOperator second = leading("second");
        // Before any of those that have something.
        second.pass(vms.get(9));
        second.pass(vms.get(8));
        assertThat(running()).containsExactly("vm-0", "vm-9");
        second.wholePasses();

        assertThat(running()).containsExactly("vm-0", "vm-1", "vm-9");
    }

    @Test
    void twoPassesAtOnceDoNotGetTheSameRest() {
        server.put(Quotas.quota("small", hard -> hard.cores(2L)));
        List<TrustedLaunchVM> vms = burst(2);
        FakeOperator dying = leading("dying");
        dying.dieAround(2, false);
        assertThatThrownBy(() -> dying.pass(vms.get(0))).isInstanceOf(FakeOperator.Crash.class);
        FakeOperator operator = leading("leader");
        // Once it was found that the quota permits the first, and before its node is reserved.
        operator.meanwhile(() -> operator.pass(vms.get(1)));
        operator.pass(vms.get(0));

        assertThat(running()).containsExactly("vm-1");
        assertThat(ready("vm-0").getReason()).isEqualTo(Reason.QuotaExceeded.name());
    }

    /** It read the Lease before it was paused, and wrote the VM's status when its successor had filled the quota. */
    @Test
    void whatAPausedLeaderReservedTooLateDoesNotBegin() {
        server.put(Quotas.quota("small", hard -> hard.vms(1L)));
        TrustedLaunchVM one = vm("one");
        FakeOperator first = leading("first");
        first.dieAround(3, false);
        assertThatThrownBy(() -> first.pass(one)).isInstanceOf(FakeOperator.Crash.class);
        TrustedLaunchVM late = server.find(TrustedLaunchVM.class, "one").orElseThrow();
        assertThat(late.getStatus().charged()).isNotNull();
        server.edit(TrustedLaunchVM.class, "one", vm -> {
            vm.setStatus(null);
            return vm;
        });
        TrustedLaunchVM other = vm("other");
        FakeOperator second = leading("second");
        second.pass(other);
        assertThat(running()).containsExactly("other");
        server.edit(TrustedLaunchVM.class, "one", vm -> {
            vm.setStatus(late.getStatus());
            return vm;
        });
        for (int pass = 0; pass < 3; pass++) {
            second.look();
            second.pass(one);
        }
        assertThat(running()).containsExactly("other");
        assertThat(ready("one").getReason()).isEqualTo(Reason.QuotaExceeded.name());
        assertThat(status(one).charged()).isNull();

        server.put(Quotas.quota("small", hard -> hard.vms(2L)));
        for (int pass = 0; pass < 3; pass++) {
            second.look();
            second.pass(one);
        }
        assertThat(running()).containsExactly("one", "other");
        assertThat(status(one).epoch()).isEqualTo(late.getStatus().epoch());
    }

    @Test
    void aMigrationThatAPausedLeaderReservedTooLateDoesNotBegin() {
        server.put(Quotas.quota("small", hard -> hard.migrations(0L)));
        TrustedLaunchVM one = vm("one");
        FakeOperator operator = leading("leader");
        operator.pass(one);
        VMIncarnation guest = server.seen(VMIncarnation.class).findFirst().orElseThrow();
        server.edit(VMIncarnation.class, guest.getMetadata().getName(), incarnation -> {
            incarnation.setStatus(Incarnations.reported(Phase.Running)
                    .guestState(Incarnations.sealed(1, 1))
                    .build());
            return incarnation;
        });
        String source = guest.getSpec().nodeName();
        VMMigration move = Vms.migration("move", null);
        move.setSpec(new VMMigrationSpec(new ObjectRef("one"), null));
        server.put(move);
        server.edit(TrustedLaunchVM.class, "one", vm -> {
            vm.setStatus(TrustedLaunchVMStatusBuilder.builder(vm.getStatus())
                    .migration(TrustedLaunchVMStatusMigrationBuilder.builder()
                            .name("move")
                            .uid(move.getMetadata().getUid())
                            .epoch(2L)
                            .sourceNode(source)
                            .targetNode(source.equals("host-a") ? "host-b" : "host-a")
                            .build())
                    .build());
            return vm;
        });
        operator.look();
        operator.pass(one);
        assertThat(status(one).migration().reason()).isEqualTo(Reason.QuotaExceeded.name());
        assertThat(server.seen(VMIncarnation.class)).hasSize(1);
    }

    /** Whichever of its writes an operator is paused before, for longer than the Lease lasts, its successor gives nothing twice. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void anOperatorThatIsSucceededBeforeAWriteTakesNothingThatItsSuccessorHasGiven(int write) {
        server.put(Quotas.quota("small", hard -> hard.cores(2L)));
        TrustedLaunchVM one = vm("one");
        TrustedLaunchVM other = vm("other");
        FakeOperator first = leading("first");
        List<FakeOperator> successor = new ArrayList<>();
        AtomicInteger writes = new AtomicInteger();
        first.beforeEachWrite(() -> {
            if (writes.incrementAndGet() == write) {
                successor.add(leading("second"));
                successor.getFirst().pass(other);
            }
        });
        try {
            first.pass(one);
        } catch (FakeOperator.Crash | StaleViewException e) {
            // It learns that it was succeeded, or that the VM has changed.
        }
        assertThat(running()).hasSizeLessThanOrEqualTo(1);
        FakeOperator second = successor.getFirst();
        for (int round = 0; round < 4; round++) {
            second.look();
            second.wholePasses();
            assertThat(running()).hasSizeLessThanOrEqualTo(1);
        }
        assertThat(running()).hasSize(1);
        assertThat(refused()).isEqualTo(1);
    }

    @Test
    void aVmThatIsGoneGivesBackAllThatItHad() {
        server.put(Quotas.quota("small", hard -> hard.vms(1L)));
        List<TrustedLaunchVM> vms = burst(2);
        FakeOperator operator = leading("leader");
        operator.wholePasses();
        assertThat(running()).containsExactly("vm-0");
        server.remove(server.find(TrustedLaunchVM.class, "vm-0").orElseThrow());
        server.seen(VMIncarnation.class).forEach(server::remove);
        operator.look();
        operator.forget(vms.get(0));
        operator.wholePasses();
        assertThat(running()).containsExactly("vm-1");
    }

    /** What a pass has reserved and could not write, the next pass over that VM gives back. */
    @Test
    void aReservationThatIsNotWrittenCountsNoLongerThanUntilTheNextPass() {
        server.put(Quotas.quota("small", hard -> hard.vms(1L)));
        TrustedLaunchVM one = vm("one");
        TrustedLaunchVM other = vm("other");
        FakeOperator operator = leading("leader");
        operator.dieAround(3, true);
        assertThatThrownBy(() -> operator.pass(one)).isInstanceOf(FakeOperator.Crash.class);
        operator.dieAround(Integer.MAX_VALUE, true);
        operator.pass(other);
        assertThat(running()).isEmpty();
        server.edit(TrustedLaunchVM.class, "one", vm -> {
            vm.setSpec(Vms.halted("any", spec -> spec).getSpec());
            return vm;
        });
        operator.look();
        operator.pass(one);
        operator.pass(other);

        assertThat(running()).containsExactly("other");
    }

    private List<TrustedLaunchVM> burst(int count) {
        return IntStream.range(0, count).mapToObj(number -> vm("vm-" + number)).toList();
    }

    private TrustedLaunchVM vm(String name) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().networkInterfaces(List.of()).build());
        vm.getMetadata().setName(name);
        vm.getMetadata().setUid("uid-of-" + name);
        return server.createIfAbsent(vm);
    }

    private FakeOperator leading(String identity) {
        return LeadingOperator.of(server, identity, CLOCK);
    }

    private List<String> running() {
        return server.seen(VMIncarnation.class)
                .map(VMIncarnation::getSpec)
                .filter(spec -> spec.desiredState() == DesiredState.Running)
                .map(spec -> spec.vmRef().name())
                .sorted()
                .toList();
    }

    private long charged() {
        return server.seen(TrustedLaunchVM.class)
                .filter(vm -> vm.getStatus() != null && vm.getStatus().charged() != null)
                .count();
    }

    private long refused() {
        return server.seen(TrustedLaunchVM.class)
                .filter(vm -> Reason.QuotaExceeded.name()
                        .equals(ready(vm.getMetadata().getName()).getReason()))
                .count();
    }

    private io.fabric8.kubernetes.api.model.Condition ready(String vm) {
        return Conditions.find(
                        server.find(TrustedLaunchVM.class, vm)
                                .orElseThrow()
                                .getStatus()
                                .conditions(),
                        ConditionType.Ready)
                .orElseThrow();
    }

    private TrustedLaunchVMStatus status(TrustedLaunchVM vm) {
        return server.find(TrustedLaunchVM.class, vm.getMetadata().getName())
                .orElseThrow()
                .getStatus();
    }
}
