package io.trustedlaunch.operator.vm.facts;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.NOON;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.operator.vm.plan.RemovalStep;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.operator.vm.plan.VmStep;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class GuestStateRecordTest {
    @Test
    void theClaimIsTheFloorHoweverMuchIsSealedAfterIt() {
        GuestState state = stateOf(running().incarnation(1, Running, sealedAt(NOON, 1, 5)));
        assertThat(state.floor()).isEqualTo(version(1, 1));
        assertThat(state.newest()).isEqualTo(version(1, 5));
        assertThat(state.sealTime()).isEqualTo(NOON.toString());
        assertThat(state.lagMilliseconds()).isEqualTo(40);
    }

    @Test
    void aCompleteEndIsTheFloor() {
        assertThat(stateOf(stopped(true).strategy(RunStrategy.Halted)).floor()).isEqualTo(version(1, 7));
    }

    @Test
    void anEndThatMayHaveLostSomethingIsNot() {
        assertThat(stateOf(stopped(false).strategy(RunStrategy.Halted)).floor()).isEqualTo(version(1, 1));
    }

    @Test
    void theFloorNeverGoesBack() {
        VmScene scene = reserved(3).floor(3, 9).incarnation(3, Running, sealedAt(NOON, 3, 2));
        assertThat(stateOf(scene).floor()).isEqualTo(version(3, 9));
    }

    @Test
    void aVersionThatTheIncarnationCannotHaveSealedIsIgnored() {
        VmScene scene = reserved(3).floor(2, 1).incarnation(3, Running, sealedAt(NOON, 9, 1));
        assertThat(stateOf(scene).floor()).isEqualTo(version(2, 1));
    }

    @Test
    void aLeftoverThatWasSealedUnderItsOldEpochIsNoClaim() {
        VmScene scene = reserved(3)
                .floor(2, 1)
                .incarnation(3, Running, reported(Phase.Preparing).guestState(sealed(2, 8)));
        assertThat(stateOf(scene).floor()).isEqualTo(version(2, 1));
        assertThat(stateOf(scene).newest()).isEqualTo(version(2, 8));
    }

    @Test
    void theFloorOfAnAdoptedIncarnationIsWhatItsAgentReports() {
        VmScene adopted = recorded(4).incarnation(4, Running, sealedAt(NOON, 4, 6));
        assertThat(stateOf(adopted).floor()).isEqualTo(version(4, 1));
    }

    @Test
    void theNextIncarnationHasTheFloorEvenBeforeItIsWritten() {
        VmScene scene = stopped(true).onRecord("host-a", 2);
        assertThat(created(scene).guestStateFloor()).isEqualTo(version(1, 7));
    }

    @Test
    void theNextIncarnationHasTheFloorOnRecordWhenTheOldIncarnationIsGone() {
        assertThat(created(recorded(2).floor(1, 7)).guestStateFloor()).isEqualTo(version(1, 7));
    }

    @Test
    void aVmWithATpmOrAHomeNeverHasAFirstStartAgain() {
        assertThat(created(reserved(1)).firstStart()).isTrue();
        assertThat(created(recorded(1)).firstStart()).isFalse();
        assertThat(created(reserved(1).home("host-a", 1, false)).firstStart()).isFalse();
    }

    @Test
    void itIsOnRecordBeforeTheIncarnationThatReportedItIsRemoved() {
        VmScene scene = stopped(true).onRecord("host-a", 2).incarnation(2, Running);
        assertThat(scene.step()).isEqualTo(new VmStep.Record());
        assertThat(scene.written().step()).isInstanceOf(RemovalStep.RemoveIncarnation.class);
    }

    @Test
    void aReservationRecordsItToo() {
        VmScene scene = stopped(true);
        assertThat(scene.step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(stateOf(scene).floor()).isEqualTo(version(1, 7));
    }

    @Test
    void aNewerStateAloneIsNotWrittenForMinutes() {
        VmScene scene = running().incarnation(1, Running, sealedAt(NOON, 1, 5));
        TrustedLaunchVMStatus shown = scene.newStatus();
        scene.status(shown).incarnation(1, Running, sealedAt(NOON.plus(Duration.ofMinutes(4)), 1, 6));
        assertThat(scene.newStatus()).isEqualTo(shown);
        scene.incarnation(1, Running, sealedAt(NOON.plus(Duration.ofMinutes(5)), 1, 7));
        assertThat(stateOf(scene).newest()).isEqualTo(version(1, 7));
    }

    @Test
    void aClaimIsWrittenWhenTheGuestRuns() {
        VmScene scene = recorded(3).floor(2, 7);
        scene.incarnation(3, Running).written();
        TrustedLaunchVMStatus reserved = scene.newStatus();
        scene.status(reserved).incarnation(3, Running, reported(Phase.Prepared).guestState(sealed(3, 1)));
        assertThat(scene.newStatus()).isEqualTo(reserved);
        assertThat(stateOf(scene.incarnation(3, Running, sealedAt(NOON, 3, 1))).floor())
                .isEqualTo(version(3, 1));
    }

    @Test
    void aNewerStateIsWrittenTogetherWithAnyOtherChange() {
        VmScene scene = running().incarnation(1, Running, sealedAt(NOON, 1, 5));
        scene.written()
                .incarnation(1, Running, sealedAt(NOON.plusSeconds(1), 1, 6))
                .silent("host-a");
        assertThat(stateOf(scene).newest()).isEqualTo(version(1, 6));
    }

    @Test
    void theLibtpmsOfItsNodeIsOnRecordOnceTheTpmRunsThere() {
        VmScene scene = recorded(1).libtpms("host-a", "0.9.2").incarnation(1, Running, sealedAt(NOON, 1, 1));
        assertThat(stateOf(scene).libtpms()).isEqualTo("0.9.2");

        scene.written().libtpms("host-a", "0.10.2").incarnation(1, Running, sealedAt(NOON.plusSeconds(1), 1, 2));
        assertThat(stateOf(scene.silent("host-b")).libtpms())
                .as("the TPM runs on after an upgrade of the host")
                .isEqualTo("0.9.2");
    }

    @Test
    void theNextStartRecordsTheLibtpmsThatItRunsWith() {
        VmScene scene = recorded(2)
                .ranWith("0.9.2", "host-b", 1)
                .libtpms("host-a", "0.10.2")
                .incarnation(2, Running, sealedAt(NOON, 2, 1));
        assertThat(stateOf(scene).libtpms()).isEqualTo("0.10.2");
    }

    @Test
    void whatANodeDoesNotReportIsNotOnRecord() {
        VmScene scene = recorded(1).libtpms("host-a", null).incarnation(1, Running, sealedAt(NOON, 1, 1));
        assertThat(stateOf(scene).home()).isNotNull();
        assertThat(stateOf(scene).libtpms()).isNull();
    }

    private static VmScene stopped(boolean complete) {
        return running().incarnation(1, Stopped, ended(Exit.Shutdown).guestState(sealed(1, 7, complete)));
    }

    private static GuestState stateOf(VmScene scene) {
        return scene.newStatus().guestState();
    }

    private static GuestStateVersion version(long epoch, long generation) {
        return new GuestStateVersion(epoch, generation);
    }

    /** By an agent whose guest runs. */
    private static VMIncarnationStatusBuilder sealedAt(Instant time, long epoch, long generation) {
        return reported(Phase.Running)
                .guestState(new SealedState(version(epoch, generation), time.toString(), 40L, false, null));
    }
}
