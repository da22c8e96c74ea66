package io.trustedlaunch.operator.vm.facts;

import static io.trustedlaunch.operator.vm.plan.VmScene.EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.operator.vm.plan.VmStep;
import io.trustedlaunch.operator.vm.status.VmStatus;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class GuestStateRecordTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void theClaimIsTheFloorHoweverMuchIsSealedAfterIt() {
        GuestState state = stateOf(running().incarnation(1, DesiredState.Running, up(1, 5, NOON)));
        assertThat(state.floor()).isEqualTo(version(1, 1));
        assertThat(state.newest()).isEqualTo(version(1, 5));
        assertThat(state.sealTime()).isEqualTo(NOON.toString());
        assertThat(state.lagMilliseconds()).isEqualTo(40);
    }

    @Test
    void aCompleteEndIsTheFloor() {
        assertThat(stateOf(halted(ended(1, 7, true))).floor()).isEqualTo(version(1, 7));
    }

    @Test
    void anEndThatMayHaveLostSomethingIsNot() {
        assertThat(stateOf(halted(ended(1, 7, false))).floor()).isEqualTo(version(1, 1));
    }

    @Test
    void theFloorNeverGoesBack() {
        VmScene scene = reserved(3).floor(3, 9).incarnation(3, DesiredState.Running, up(3, 2, NOON));
        assertThat(stateOf(scene).floor()).isEqualTo(version(3, 9));
    }

    @Test
    void whatAnIncarnationCannotHaveSealedIsNotBelieved() {
        VmScene scene = reserved(3).floor(2, 1).incarnation(3, DesiredState.Running, up(9, 1, NOON));
        assertThat(stateOf(scene).floor()).isEqualTo(version(2, 1));
    }

    @Test
    void aLeftoverThatWasSealedUnderItsOldEpochIsNoClaim() {
        VmScene scene =
                reserved(3).floor(2, 1).incarnation(3, DesiredState.Running, told(Phase.Preparing, 2, 8, NOON, null));
        assertThat(stateOf(scene).floor()).isEqualTo(version(2, 1));
        assertThat(stateOf(scene).newest()).isEqualTo(version(2, 8));
    }

    @Test
    void anAdoptedLifesFloorIsWhatItsAgentTells() {
        VmScene adopted = reserved(4).onRecord("host-a", 4, EK).incarnation(4, DesiredState.Running, up(4, 6, NOON));
        assertThat(stateOf(adopted).floor()).isEqualTo(version(4, 1));
    }

    @Test
    void theNextIncarnationIsHeldToItThoughItWasNotWrittenYet() {
        VmScene scene = running()
                .incarnation(1, DesiredState.Stopped, ended(1, 7, true))
                .onRecord("host-a", 2, EK);
        assertThat(created(scene).guestStateFloor()).isEqualTo(version(1, 7));
    }

    @Test
    void theNextIncarnationIsHeldToTheRecordThoughTheOldIncarnationIsGone() {
        assertThat(created(reserved(2).onRecord("host-a", 2, EK).floor(1, 7)).guestStateFloor())
                .isEqualTo(version(1, 7));
    }

    @Test
    void aVmWithAFloorNeverHasAFirstStartAgain() {
        assertThat(created(reserved(1)).firstStart()).isTrue();
        assertThat(created(reserved(1).floor(1, 1)).firstStart()).isFalse();
    }

    @Test
    void itIsOnRecordBeforeTheIncarnationThatTellsItGoes() {
        VmScene scene = running()
                .incarnation(1, DesiredState.Stopped, ended(1, 7, true))
                .onRecord("host-a", 2, EK)
                .incarnation(2, DesiredState.Running, null);
        assertThat(scene.step()).isEqualTo(new VmStep.Record());
        assertThat(scene.status(statusOf(scene)).step()).isInstanceOf(VmStep.RemoveIncarnation.class);
    }

    @Test
    void aReservationRecordsItToo() {
        VmScene scene = running().incarnation(1, DesiredState.Stopped, ended(1, 7, true));
        assertThat(scene.step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(stateOf(scene).floor()).isEqualTo(version(1, 7));
    }

    @Test
    void aNewerStateAloneCostsNoWriteForMinutes() {
        VmScene scene = running().incarnation(1, DesiredState.Running, up(1, 5, NOON));
        TrustedLaunchVMStatus shown = statusOf(scene);
        scene.status(shown).incarnation(1, DesiredState.Running, up(1, 6, NOON.plus(Duration.ofMinutes(4))));
        assertThat(statusOf(scene)).isEqualTo(shown);
        scene.incarnation(1, DesiredState.Running, up(1, 7, NOON.plus(Duration.ofMinutes(5))));
        assertThat(stateOf(scene).newest()).isEqualTo(version(1, 7));
    }

    @Test
    void aClaimIsWrittenWhenTheGuestRuns() {
        VmScene scene = reserved(3).floor(2, 7);
        scene.status(statusOf(scene.incarnation(3, DesiredState.Running, null)));
        TrustedLaunchVMStatus reserved = statusOf(scene);
        scene.status(reserved).incarnation(3, DesiredState.Running, told(Phase.Prepared, 3, 1, NOON, null));
        assertThat(statusOf(scene)).isEqualTo(reserved);
        assertThat(stateOf(scene.incarnation(3, DesiredState.Running, up(3, 1, NOON)))
                        .floor())
                .isEqualTo(version(3, 1));
    }

    @Test
    void aNewerStateIsShownWithWhateverElseIsWritten() {
        VmScene scene = running().incarnation(1, DesiredState.Running, up(1, 5, NOON));
        scene.status(statusOf(scene))
                .incarnation(1, DesiredState.Running, up(1, 6, NOON.plusSeconds(1)))
                .silent("host-a");
        assertThat(stateOf(scene).newest()).isEqualTo(version(1, 6));
    }

    private static VmScene halted(VMIncarnationStatus told) {
        return running().incarnation(1, DesiredState.Stopped, told).strategy(RunStrategy.Halted);
    }

    private static VMIncarnationSpec created(VmScene scene) {
        assertThat(scene.step()).isInstanceOf(VmStep.CreateIncarnation.class);
        return ((VmStep.CreateIncarnation) scene.step()).blueprint().getSpec();
    }

    private static VMIncarnationStatus up(long epoch, long generation, Instant sealTime) {
        return told(Phase.Running, epoch, generation, sealTime, null);
    }

    private static VMIncarnationStatus ended(long epoch, long generation, boolean complete) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Stopped)
                .ekDigest(EK)
                .guestState(new SealedState(version(epoch, generation), NOON.toString(), 40L, complete, null))
                .exit(Exit.Shutdown)
                .build();
    }

    private static VMIncarnationStatus told(Phase phase, long epoch, long generation, Instant sealTime, Exit exit) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .ekDigest(EK)
                .guestState(new SealedState(version(epoch, generation), sealTime.toString(), 40L, false, null))
                .exit(exit)
                .build();
    }

    private static GuestState stateOf(VmScene scene) {
        return statusOf(scene).guestState();
    }

    private static TrustedLaunchVMStatus statusOf(VmScene scene) {
        return VmStatus.of(scene.facts(), scene.step(), NOON).orElseThrow();
    }

    private static GuestStateVersion version(long epoch, long generation) {
        return new GuestStateVersion(epoch, generation);
    }
}
