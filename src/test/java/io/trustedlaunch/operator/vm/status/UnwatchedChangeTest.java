package io.trustedlaunch.operator.vm.status;

import static io.trustedlaunch.operator.vm.plan.VmScene.EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.EventDraft;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.operator.vm.plan.VmStep;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest state that changed while no agent watched: to whom that is told, and for how long. */
class UnwatchedChangeTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final GuestStateVersion WATCHED = new GuestStateVersion(1L, 6L);

    @Test
    void itIsOnRecordWithTheReservationOfTheNextIncarnation() {
        VmScene scene = found();
        assertThat(scene.step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(statusOf(scene).guestState().lastWatched()).isEqualTo(WATCHED);
    }

    @Test
    void itIsOnRecordBeforeTheIncarnationThatTellsItGoes() {
        VmScene scene = reserved(2)
                .onRecord("host-a", 2, EK)
                .floor(1, 7)
                .incarnation(1, DesiredState.Stopped, ended(1, Exit.Crashed, WATCHED))
                .incarnation(2, DesiredState.Running, null);
        assertThat(scene.step()).isEqualTo(new VmStep.Record());
        TrustedLaunchVMStatus recorded = statusOf(scene);
        assertThat(recorded.guestState().lastWatched()).isEqualTo(WATCHED);
        assertThat(scene.status(recorded).step()).isInstanceOf(VmStep.RemoveIncarnation.class);
    }

    @Test
    void oneEventTellsOfItAndReadyForAsLongAsTheNextIncarnationLasts() {
        VmScene found = found();
        TrustedLaunchVMStatus reserved = statusOf(found);
        assertThat(VmEvents.of(found.facts().vm().getStatus(), reserved, found.step()))
                .filteredOn(happening -> happening.reason() == Reason.GuestStateChangedUnwatched)
                .singleElement()
                .extracting(EventDraft::message)
                .asString()
                .contains("1-6", "while no agent watched", "spec.approveGuestState");

        VmScene next = followed(runs(2, null));
        TrustedLaunchVMStatus runs = statusOf(next);
        assertThat(ready(runs)).startsWith("the guest runs on").contains("1-6", "while no agent watched");
        assertThat(VmEvents.of(reserved, runs, next.step())).isEmpty();
        TrustedLaunchVMStatus silent = statusOf(followed(runs(2, null)).silent("host-a"));
        assertThat(ready(silent)).contains("1-6", "while no agent watched");
    }

    @Test
    void aVmThatStaysOffIsToldToo() {
        VmScene halted = running()
                .incarnation(1, DesiredState.Stopped, ended(1, Exit.Crashed, WATCHED))
                .strategy(RunStrategy.Halted);
        assertThat(ready(statusOf(halted))).startsWith("the VM is off").contains("1-6", "while no agent watched");
    }

    @ParameterizedTest
    @EnumSource(names = {"Shutdown", "PoweredOff", "HostShutdown"})
    void aCleanStopOfTheNextIncarnationSettlesItForGood(Exit exit) {
        TrustedLaunchVMStatus settled = statusOf(followed(ended(2, exit, null)));
        assertThat(settled.guestState().lastWatched()).isNull();
        assertThat(ready(settled)).doesNotContain("watched");
        VmScene third = reserved(3).status(settled).incarnation(3, DesiredState.Running, runs(3, null));
        assertThat(statusOf(third).guestState().lastWatched()).isNull();
    }

    @ParameterizedTest
    @EnumSource(names = {"Crashed", "Migrated", "NeverRan"})
    void noOtherEndOfItDoes(Exit exit) {
        assertThat(statusOf(followed(ended(2, exit, null))).guestState().lastWatched())
                .isEqualTo(WATCHED);
    }

    /** What an earlier life left was sealed by a later one, which says so until it ends. */
    @Test
    void theIncarnationThatFoundItMayBeTheNextOne() {
        assertThat(afterOnesEnd(runs(2, WATCHED))).isEqualTo(WATCHED);
        assertThat(afterOnesEnd(ended(2, Exit.Shutdown, WATCHED))).isNull();
    }

    @Test
    void whatWasFoundLastIsTold() {
        GuestStateVersion later = new GuestStateVersion(2L, 6L);
        assertThat(statusOf(followed(ended(2, Exit.Shutdown, later)))
                        .guestState()
                        .lastWatched())
                .isEqualTo(later);
    }

    @Test
    void whatNoIncarnationUpToThisOneCanHaveSealedIsNotBelieved() {
        assertThat(afterOnesEnd(runs(2, new GuestStateVersion(9L, 1L)))).isNull();
    }

    @Test
    void anApprovalSettlesItOnceAnIncarnationHasBegunWithIt() {
        TrustedLaunchVMStatus crashed = statusOf(followed(ended(2, Exit.Crashed, null)));
        assertThat(crashed.epoch()).isEqualTo(3);
        VmScene made = reserved(3).status(crashed).approves(1, 6);
        assertThat(made.step()).isInstanceOf(VmStep.CreateIncarnation.class);
        assertThat(((VmStep.CreateIncarnation) made.step())
                        .incarnation()
                        .getSpec()
                        .approvedGuestState())
                .isEqualTo(WATCHED);

        VmScene third = reserved(3)
                .status(crashed)
                .approves(1, 6)
                .incarnation(3, DesiredState.Running, runs(3, null))
                .given(1, 6);
        TrustedLaunchVMStatus begun = statusOf(third);
        assertThat(begun.guestState().approval().version()).isEqualTo(WATCHED);
        assertThat(begun.guestState().lastWatched()).isNull();
        assertThat(statusOf(reserved(3).status(begun).incarnation(3, DesiredState.Running, runs(3, null)))
                        .guestState()
                        .lastWatched())
                .isNull();
    }

    private static VmScene found() {
        return running().incarnation(1, DesiredState.Running, ended(1, Exit.Crashed, WATCHED));
    }

    /** The next life, as its agent tells of it. */
    private static VmScene followed(VMIncarnationStatus told) {
        return reserved(2).status(statusOf(found())).incarnation(2, DesiredState.Running, told);
    }

    private static GuestStateVersion afterOnesEnd(VMIncarnationStatus told) {
        VmScene next = reserved(2).onRecord("host-a", 2, EK).floor(1, 1).incarnation(2, DesiredState.Running, told);
        return statusOf(next).guestState().lastWatched();
    }

    private static VMIncarnationStatus runs(long epoch, GuestStateVersion lastWatched) {
        return told(Phase.Running, new SealedState(version(epoch), NOON.toString(), 40L, false, lastWatched), null);
    }

    private static VMIncarnationStatus ended(long epoch, Exit exit, GuestStateVersion lastWatched) {
        return told(Phase.Stopped, new SealedState(version(epoch), NOON.toString(), 40L, true, lastWatched), exit);
    }

    private static VMIncarnationStatus told(Phase phase, SealedState state, Exit exit) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .ekDigest(EK)
                .guestState(state)
                .exit(exit)
                .build();
    }

    private static GuestStateVersion version(long epoch) {
        return new GuestStateVersion(epoch, 7L);
    }

    private static String ready(TrustedLaunchVMStatus status) {
        return Conditions.find(status.conditions(), ConditionType.Ready)
                .orElseThrow()
                .getMessage();
    }

    private static TrustedLaunchVMStatus statusOf(VmScene scene) {
        return VmStatus.of(scene.facts(), scene.step(), NOON).orElseThrow();
    }
}
