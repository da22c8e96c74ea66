package io.trustedlaunch.agent.backuprun;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusDepartureBuilder;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class GuestFactsTest {
    private static final long EPOCH = 3;
    private static final DomainState RUNNING = new DomainState.Running();

    @Test
    void aRunningGuestIsSaved() {
        GuestFacts facts = facts(incarnation(spec -> spec), Optional.of(RUNNING));

        assertThat(facts.obstacle()).isEmpty();
        assertThat(facts.reasonToEnd()).isEmpty();
    }

    @Test
    void aGuestOfAnotherEpochIsNone() {
        VMIncarnation other =
                Incarnations.incarnation(Incarnations.spec(EPOCH + 1).build(), null);

        assertThat(reason(facts(other, Optional.of(RUNNING)).reasonToEnd())).isEqualTo(Reason.GuestNotHere);
        assertThat(reason(facts(incarnation(spec -> spec), Optional.empty()).reasonToEnd()))
                .isEqualTo(Reason.GuestNotHere);
    }

    @Test
    void aPausedGuestIsNotBegunWithAndNotGivenUp() {
        GuestFacts facts = facts(incarnation(spec -> spec), Optional.of(new DomainState.Paused(PauseReason.REQUESTED)));

        assertThat(reason(facts.obstacle())).isEqualTo(Reason.GuestNotHere);
        assertThat(facts.reasonToEnd()).isEmpty();
    }

    @Test
    void aGuestWhoseStateIsNotSealedIsNotBegunWith() {
        GuestFacts facts = new GuestFacts(
                EPOCH, Optional.of(incarnation(spec -> spec)), Optional.of(domain(RUNNING)), false, false);

        assertThat(reason(facts.obstacle())).isEqualTo(Reason.GuestNotHere);
        assertThat(facts.reasonToEnd()).isEmpty();
    }

    @Test
    void aGuestThatIsToStopGoesFirst() {
        assertThat(reason(facts(incarnation(spec -> spec.desiredState(DesiredState.Stopped)), Optional.of(RUNNING))
                        .reasonToEnd()))
                .isEqualTo(Reason.BackupGaveWay);
        assertThat(reason(new GuestFacts(
                                EPOCH, Optional.of(incarnation(spec -> spec)), Optional.of(domain(RUNNING)), true, true)
                        .reasonToEnd()))
                .isEqualTo(Reason.BackupGaveWay);
    }

    @Test
    void aMigrationGoesFirstUntilItIsOver() {
        assertThat(reason(leaving(null).reasonToEnd())).isEqualTo(Reason.BackupGaveWay);
        assertThat(reason(leaving(departed(4, Course.Underway)).reasonToEnd())).isEqualTo(Reason.BackupGaveWay);
        assertThat(reason(leaving(departed(4, Course.Left)).reasonToEnd())).isEqualTo(Reason.BackupGaveWay);
        assertThat(reason(leaving(departed(2, Course.Stayed)).reasonToEnd())).isEqualTo(Reason.BackupGaveWay);
        assertThat(leaving(departed(4, Course.Stayed)).obstacle()).isEmpty();
    }

    /** The backup would have disks that the guest has not been given, of which there may be no file. */
    @Test
    void aGuestThatAwaitsItsDevicesIsNotBegunWith() {
        AppliedDevices waits = new AppliedDevices(1L, Reason.DeviceChangeFailed.name(), "no space");
        AppliedDevices holds = new AppliedDevices(1L, Reason.DeviceHeld.name(), "the guest has not let go of disk old");

        assertThat(reason(changing(new AppliedDevices(1L, null, null)).obstacle()))
                .isEqualTo(Reason.BackupGaveWay);
        assertThat(reason(changing(waits).obstacle())).isEqualTo(Reason.BackupGaveWay);
        assertThat(changing(waits).reasonToEnd()).isEmpty();
        assertThat(changing(holds).obstacle()).isEmpty();
        assertThat(changing(new AppliedDevices(2L, null, null)).obstacle()).isEmpty();
    }

    private static GuestFacts changing(AppliedDevices applied) {
        return facts(Incarnations.changing(EPOCH, 2, applied), Optional.of(RUNNING));
    }

    private static VMIncarnationStatus departed(long epoch, Course course) {
        return Incarnations.reported(Phase.Running)
                .departure(VMIncarnationStatusDepartureBuilder.builder()
                        .epoch(epoch)
                        .nodeName("host-b")
                        .course(course)
                        .build())
                .build();
    }

    private static GuestFacts leaving(VMIncarnationStatus status) {
        VMIncarnation incarnation = incarnation(
                spec -> spec.departure(Incarnations.departure(4, "host-b").build()));
        incarnation.setStatus(status);
        return facts(incarnation, Optional.of(RUNNING));
    }

    private static VMIncarnation incarnation(UnaryOperator<VMIncarnationSpecBuilder> change) {
        return Incarnations.incarnation(change.apply(Incarnations.spec(EPOCH)).build(), null);
    }

    private static GuestFacts facts(VMIncarnation incarnation, Optional<DomainState> state) {
        return new GuestFacts(EPOCH, Optional.of(incarnation), state.map(GuestFactsTest::domain), true, false);
    }

    private static DomainInfo domain(DomainState state) {
        return new DomainInfo(
                new DomainIdentity(UUID.fromString(Vms.UID), EPOCH, Vms.NAMESPACE, Vms.NAME),
                state,
                new VtpmState.Responding());
    }

    private static Reason reason(Optional<Problem> problem) {
        return problem.orElseThrow().reason();
    }
}
