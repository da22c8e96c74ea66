package io.trustedlaunch.operator.vm.status;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.operator.vm.plan.RemovalStep;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.operator.vm.plan.VmStep;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest state that changed while no agent watched: where it is reported, and for how long. */
class UnwatchedChangeTest {
    private static final GuestStateVersion WATCHED = new GuestStateVersion(1L, 6L);

    @Test
    void itIsOnRecordWithTheReservationOfTheNextIncarnation() {
        VmScene scene = found();
        assertThat(scene.step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(scene.newStatus().guestState().lastWatched()).isEqualTo(WATCHED);
    }

    @Test
    void itIsOnRecordBeforeTheIncarnationThatReportedItIsRemoved() {
        VmScene scene = recorded(2)
                .floor(1, 7)
                .incarnation(1, Stopped, endedWith(1, Exit.Crashed, WATCHED))
                .incarnation(2, Running);
        assertThat(scene.step()).isEqualTo(new VmStep.Record());
        TrustedLaunchVMStatus recorded = scene.newStatus();
        assertThat(recorded.guestState().lastWatched()).isEqualTo(WATCHED);
        assertThat(scene.status(recorded).step()).isInstanceOf(RemovalStep.RemoveIncarnation.class);
    }

    @Test
    void oneEventReportsItAndConditionReadyDoesWhileTheNextIncarnationLasts() {
        VmScene found = found();
        TrustedLaunchVMStatus reserved = found.newStatus();
        assertThat(VmEvents.of(found.facts().vm().status(), reserved, found.step()))
                .filteredOn(event -> event.reason() == Reason.GuestStateChangedUnwatched)
                .singleElement()
                .extracting(EventDraft::message)
                .asString()
                .contains("1-6", "while no agent watched", "spec.approveGuestState");

        VmScene next = followed(runs(2, null));
        TrustedLaunchVMStatus runs = next.newStatus();
        assertThat(ready(runs)).startsWith("the guest runs on").contains("1-6", "while no agent watched");
        assertThat(VmEvents.of(Optional.of(reserved), runs, next.step())).isEmpty();
        TrustedLaunchVMStatus silent = followed(runs(2, null)).silent("host-a").newStatus();
        assertThat(ready(silent)).contains("1-6", "while no agent watched");
    }

    @Test
    void conditionReadyReportsItForAVmThatStaysOff() {
        VmScene halted = running()
                .incarnation(1, Stopped, endedWith(1, Exit.Crashed, WATCHED))
                .strategy(RunStrategy.Halted);
        assertThat(ready(halted.newStatus())).startsWith("the VM is off").contains("1-6", "while no agent watched");
    }

    @ParameterizedTest
    @EnumSource(names = {"Shutdown", "PoweredOff", "HostShutdown"})
    void aCleanStopOfTheNextIncarnationSettlesItForGood(Exit exit) {
        TrustedLaunchVMStatus settled = followed(endedWith(2, exit, null)).newStatus();
        assertThat(settled.guestState().lastWatched()).isNull();
        assertThat(ready(settled)).doesNotContain("watched");
        VmScene third = reserved(3).status(settled).incarnation(3, Running, runs(3, null));
        assertThat(third.newStatus().guestState().lastWatched()).isNull();
    }

    @ParameterizedTest
    @EnumSource(names = {"Crashed", "Migrated", "NeverRan"})
    void noOtherEndSettlesIt(Exit exit) {
        assertThat(followed(endedWith(2, exit, null)).newStatus().guestState().lastWatched())
                .isEqualTo(WATCHED);
    }

    /** It sealed what the earlier one left, and reports it until it ends. */
    @Test
    void theNextIncarnationMayReportItUntilItEnds() {
        assertThat(afterOnesEnd(runs(2, WATCHED))).isEqualTo(WATCHED);
        assertThat(afterOnesEnd(endedWith(2, Exit.Shutdown, WATCHED))).isNull();
    }

    @Test
    void theLastOneIsRecorded() {
        GuestStateVersion later = new GuestStateVersion(2L, 6L);
        assertThat(followed(endedWith(2, Exit.Shutdown, later))
                        .newStatus()
                        .guestState()
                        .lastWatched())
                .isEqualTo(later);
    }

    @Test
    void aVersionThatNoIncarnationUpToThisOneCanHaveSealedIsIgnored() {
        assertThat(afterOnesEnd(runs(2, new GuestStateVersion(9L, 1L)))).isNull();
    }

    @Test
    void anApprovalSettlesItOnceAnIncarnationHasBegunWithIt() {
        TrustedLaunchVMStatus crashed =
                followed(endedWith(2, Exit.Crashed, null)).newStatus();
        assertThat(crashed.epoch()).isEqualTo(3);
        VmScene made = reserved(3).status(crashed).approves(1, 6, 2L);
        assertThat(created(made).approvedGuestState()).isEqualTo(WATCHED);

        VmScene third = reserved(3)
                .status(crashed)
                .approves(1, 6, 2L)
                .incarnation(3, Running, runs(3, null))
                .given(1, 6);
        TrustedLaunchVMStatus begun = third.newStatus();
        assertThat(begun.guestState().approval().version()).isEqualTo(WATCHED);
        assertThat(begun.guestState().lastWatched()).isNull();
        assertThat(reserved(3)
                        .status(begun)
                        .incarnation(3, Running, runs(3, null))
                        .newStatus()
                        .guestState()
                        .lastWatched())
                .isNull();
    }

    private static VmScene found() {
        return running().incarnation(1, Running, endedWith(1, Exit.Crashed, WATCHED));
    }

    /** The next incarnation, as its agent reports it. */
    private static VmScene followed(VMIncarnationStatusBuilder reported) {
        return reserved(2).status(found().newStatus()).incarnation(2, Running, reported);
    }

    private static GuestStateVersion afterOnesEnd(VMIncarnationStatusBuilder reported) {
        VmScene next = recorded(2).floor(1, 1).incarnation(2, Running, reported);
        return next.newStatus().guestState().lastWatched();
    }

    private static String ready(TrustedLaunchVMStatus status) {
        return Conditions.find(status.conditions(), ConditionType.Ready)
                .orElseThrow()
                .getMessage();
    }

    private static VMIncarnationStatusBuilder runs(long epoch, GuestStateVersion lastWatched) {
        return reported(Phase.Running).guestState(sealed(epoch, 7).withLastWatched(lastWatched));
    }

    private static VMIncarnationStatusBuilder endedWith(long epoch, Exit exit, GuestStateVersion lastWatched) {
        return ended(exit).guestState(sealed(epoch, 7, true).withLastWatched(lastWatched));
    }
}
