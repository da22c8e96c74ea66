package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Failover;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusFailoverBuilder;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.protocol.Host.Reach;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code status.failover} informs people and decides nothing: it is wiped or forged, and nothing changes. */
class ForgedFailoverRecordTest {
    /** What is done to it after each pass of the operator. */
    private enum Change {
        WIPED,
        FORGED_AS_OF_YESTERDAY,
        FORGED_AS_OF_NOW
    }

    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");
    private Change change;

    @BeforeEach
    void start() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        anotherLeads();
    }

    /** An even number of passes: each that is a single step comes after a whole one. */
    private void anotherLeads() {
        cluster.operators.newLeader();
        cluster.rounds(4);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** Host-a is cut off from the API server only, and is said to be dead: nothing starts beside its guest. */
    @ParameterizedTest
    @EnumSource(Change.class)
    void aStartElsewhereStillWaitsForTheBeacon(Change how) {
        change = how;
        a.reach(Reach.STORAGE);
        cluster.faults.lie(a, false);
        reserveElsewhere();
        rounds(12);

        cluster.assertRunsOn("host-a");
        assertThat(cluster.status().nodeName()).isEqualTo("host-b");
    }

    @ParameterizedTest
    @EnumSource(Change.class)
    void aVmWhoseNodeIsDeadStartsElsewhere(Change how) {
        change = how;
        change();
        cluster.faults.fence(a);
        rounds(12);

        cluster.assertRunsOn("host-b");
    }

    @ParameterizedTest
    @EnumSource(Change.class)
    void aGuestWhoseVmWasGivenAwayHasNoGracePeriod(Change how) {
        change = how;
        a.reach(Reach.NOTHING);
        cluster.faults.lie(a, false);
        rounds(12);
        assertThat(cluster.status().nodeName()).isEqualTo("host-b");

        assertThat(cluster.incarnation(1).map(VMIncarnation::getSpec)).hasValueSatisfying(spec -> {
            assertThat(spec.desiredState()).isEqualTo(DesiredState.Stopped);
            assertThat(spec.terminationGracePeriodSeconds()).isZero();
        });
    }

    @ParameterizedTest
    @EnumSource(Change.class)
    void anyOtherGuestHasItsGracePeriod(Change how) {
        change = how;
        change();
        rounds(2);
        cluster.users.changeStrategy(RunStrategy.Halted);
        for (int pass = 0; pass < 3; pass++) {
            cluster.operate();
            change();
        }

        assertThat(cluster.incarnation(1).map(VMIncarnation::getSpec)).hasValueSatisfying(spec -> {
            assertThat(spec.desiredState()).isEqualTo(DesiredState.Stopped);
            assertThat(spec.terminationGracePeriodSeconds())
                    .isEqualTo(cluster.vm().orElseThrow().getSpec().terminationGracePeriodSeconds());
        });
    }

    /** Somebody who writes to the storage has removed what the guest sealed after its claim. */
    @ParameterizedTest
    @EnumSource(Change.class)
    void aStartElsewhereStillNeedsTheNewestReportedState(Change how) throws IOException {
        change = how;
        GuestStateVersion newest = new GuestStateVersion(1L, 2L);
        cluster.roundsUntil(() -> cluster.incarnation(1)
                .map(VMIncarnation::getStatus)
                .map(VMIncarnationStatus::guestState)
                .filter(state -> newest.equals(state.version()))
                .isPresent());
        anotherLeads();
        cluster.faults.fence(a);
        Files.delete(cluster.home(b).folder().resolve("guest-state-1-2.p7m"));
        reserveElsewhere();
        rounds(12);

        cluster.assertDoesNotRun();
        assertThat(reason()).isEqualTo(Reason.GuestStateRolledBack);
    }

    /** It names an epoch that is not given yet, with a state that nobody has sealed. */
    @ParameterizedTest
    @EnumSource(Change.class)
    void noOtherStartNeedsAStateThatNobodyHasSealed(Change how) {
        change = how;
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        a.hypervisor().powerOff(VM);
        cluster.settle();
        change();
        cluster.users.changeStrategy(RunStrategy.Always);
        rounds(12);

        cluster.assertRunsAsRecorded();
    }

    /** The second node dies within the hour. */
    @ParameterizedTest
    @EnumSource(Change.class)
    void aVmThatFailedOverWithinTheHourWaitsForTheRestOfIt(Change how) {
        cluster.faults.fence(a);
        cluster.settle();
        cluster.assertRunsOn("host-b");
        cluster.faults.unfence(a);
        cluster.settle();
        change = how;
        change();
        cluster.faults.fence(b);
        rounds(12);

        assertThat(cluster.status().nodeName()).isEqualTo("host-b");
        assertThat(reason()).isEqualTo(Reason.FailoverRepeated);
    }

    /** The epoch is on record, and its incarnation is not made yet. */
    private void reserveElsewhere() {
        for (int pass = 0; pass < 10 && cluster.status().epoch() == 1; pass++) {
            change();
            cluster.pass(Duration.ofSeconds(10));
            cluster.operate();
            change();
            cluster.operate();
        }
        assertThat(cluster.status().epoch()).isEqualTo(2);
        assertThat(cluster.incarnation(2)).isEmpty();
        change();
    }

    private void rounds(int count) {
        for (int round = 0; round < count; round++) {
            cluster.operate();
            change();
            for (Host host : cluster.hosts) {
                cluster.act(host);
                assertThat(cluster.ledger.running(VM))
                        .as(cluster.description())
                        .hasSizeLessThan(a.reach() == Reach.NOTHING ? 3 : 2);
            }
            cluster.pass(ClusterUnderTest.A_WHILE);
        }
    }

    private void change() {
        cluster.server.edit(TrustedLaunchVM.class, Vms.NAME, vm -> {
            TrustedLaunchVMStatus status = vm.getStatus();
            vm.setStatus(TrustedLaunchVMStatusBuilder.builder(status)
                    .failover(change == Change.WIPED ? null : forged(status))
                    .build());
            return vm;
        });
        cluster.leader().look();
    }

    /** It says of the present epoch what does most harm. */
    private Failover forged(TrustedLaunchVMStatus status) {
        Instant now = cluster.clock.instant();
        return TrustedLaunchVMStatusFailoverBuilder.builder()
                .fence("never-was")
                .fromNode("host-c")
                .fromEpoch(status.epoch())
                .toEpoch(status.epoch())
                .time((change == Change.FORGED_AS_OF_NOW ? now : now.minus(Duration.ofDays(1))).toString())
                .newest(new GuestStateVersion(status.epoch(), 99L))
                .build();
    }

    private Reason reason() {
        return Reason.valueOf(ConditionType.Ready.in(cluster.status().conditions())
                .orElseThrow()
                .getReason());
    }
}
