package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.operator.vm.plan.VmScene.EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.TrustedLaunchVMStatusMigrationBuilder;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.vm.status.VmStatus;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The operator's part of a live migration from host-a, epoch 1, to host-b, epoch 2. */
class VmMigrationPlanTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void aMoveIsReservedBeforeAnythingOfItIsMade() {
        VmScene scene = running().sharedLocation().asked("move");
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.ReserveMove.class))
                .extracting(VmStep.ReserveMove::migration)
                .isEqualTo(open());
    }

    @Test
    void whileItIsMovedItRunsAndIsReady() {
        VmScene scene = running().sharedLocation().asked("move");
        TrustedLaunchVMStatus status =
                VmStatus.of(scene.facts(), scene.step(), NOW).orElseThrow();
        assertThat(status.migration()).isEqualTo(open());
        assertThat(status.epoch()).isEqualTo(1);
        assertThat(status.nodeName()).isEqualTo("host-a");
        assertThat(status.phase()).hasToString("Migrating");
        assertThat(status.conditions().getFirst().getStatus()).isEqualTo("True");
    }

    @Test
    void nothingIsReservedWhereNoNodeCanTakeIt() {
        assertThat(running().asked("move").step()).as("no shared folder").isInstanceOf(VmStep.Settled.class);
        assertThat(running().sharedLocation().cordoned("host-b").asked("move").step())
                .isInstanceOf(VmStep.Settled.class);
        assertThat(running().sharedLocation().silent("host-a").asked("move").step())
                .isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void nothingIsReservedBeforeEveryNodeHasSpoken() {
        assertThat(running().sharedLocation().unanswered("host-b").asked("move").step())
                .isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void theWishForANodeIsHeeded() {
        assertThat(running().sharedLocation().askedFor("move", "host-b").step()).isInstanceOf(VmStep.ReserveMove.class);
        assertThat(running().sharedLocation().askedFor("move", "host-a").step()).isInstanceOf(VmStep.Settled.class);
        assertThat(running().sharedLocation().askedFor("move", "host-c").step()).isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void aMoveDoesNotBringTogetherWhatIsToBeApart() {
        VmScene apart = running().database().sharedLocation().otherDatabase("db-2", "host-b");
        assertThat(apart.asked("move").step()).isInstanceOf(VmStep.Settled.class);
        assertThat(apart.takenBack().askedFor("move", "host-b").step()).isInstanceOf(VmStep.Settled.class);
        assertThat(new Migratability(apart.facts()).verdict()).satisfies(verdict -> {
            assertThat(verdict.reason()).isEqualTo(Reason.NoNodeFits);
            assertThat(verdict.message()).startsWith("host-b: VM db-2 is there");
        });
    }

    @Test
    void aMoveThatCannotBeginDoesNotHoldUpOneThatCan() {
        VmScene scene = running().sharedLocation().askedFor("vain", "host-c").asked("move");
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.ReserveMove.class))
                .extracting(reserve -> reserve.migration().name())
                .isEqualTo("move");
    }

    @Test
    void theTargetGetsTheSourcesMachineWhateverTheSpecSaysNow() {
        VmScene scene = moving().osDisk("20Gi");
        VMIncarnationSpec spec =
                ((VmStep.CreateIncarnation) scene.step()).blueprint().getSpec();
        assertThat(((VmStep.CreateIncarnation) scene.step()).sealed()).isTrue();
        assertThat(spec.machine())
                .isEqualTo(scene.facts().current().orElseThrow().machine());
        assertThat(spec.arrival()).isEqualTo(new Arrival(1L, "host-a", false, false));
        assertThat(spec.epoch()).isEqualTo(2);
        assertThat(spec.nodeName()).isEqualTo("host-b");
        assertThat(spec.firstStart()).isFalse();
        assertThat(spec.ekDigest()).isEqualTo(EK);
        assertThat(spec.guestStateFloor()).isEqualTo(new GuestStateVersion(1L, 1L));
        assertThat(spec.desiredState()).isEqualTo(DesiredState.Running);
    }

    @Test
    void theSourceIsToldOnceTheTargetIsReady() {
        assertThat(moving().target(Phase.Preparing).step()).isInstanceOf(VmStep.Settled.class);
        VmScene ready = moving().target(Phase.Receiving);
        assertThat(ready.step())
                .asInstanceOf(type(VmStep.Depart.class))
                .extracting(VmStep.Depart::departure)
                .isEqualTo(VMIncarnationSpecDepartureBuilder.builder()
                        .epoch(2L)
                        .nodeName("host-b")
                        .address("192.0.2.1")
                        .port(VmScene.MIGRATION_PORT)
                        .cancelled(false)
                        .copiesDisks(false)
                        .pace(Pace.DEFAULT)
                        .build());
    }

    @Test
    void whileTheGuestIsCopiedThereIsNothingToDo() {
        assertThat(departed(Course.Underway).step())
                .asInstanceOf(type(VmStep.Settled.class))
                .extracting(VmStep.Settled::reason)
                .isEqualTo(Reason.Migrating);
    }

    @Test
    void theRecordFollowsAGuestThatHasLeft() {
        VmScene scene = left();
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.EndMove.class))
                .satisfies(end -> assertThat(end.migration()).isEqualTo(open().ended(Outcome.Moved, null, null)));
        TrustedLaunchVMStatus status =
                VmStatus.of(scene.facts(), scene.step(), NOW).orElseThrow();
        assertThat(status.epoch()).isEqualTo(2);
        assertThat(status.nodeName()).isEqualTo("host-b");
    }

    @Test
    void theRecordFollowsAGuestThatRunsAtTheTargetBeforeItsSourceHasSaidSo() {
        assertThat(departed(Course.Underway).target(Phase.Running).step()).isInstanceOf(VmStep.EndMove.class);
    }

    @Test
    void anArrivalIsOneWriteWhereTheGuestRunsAlready() {
        VmScene scene = left().target(Phase.Running);
        TrustedLaunchVMStatus status =
                VmStatus.of(scene.facts(), scene.step(), NOW).orElseThrow();
        assertThat(status.phase()).hasToString("Running");
        assertThat(status.conditions().getFirst().getMessage()).isEqualTo("runs on host-b (epoch 2)");
        assertThat(status.epoch()).isEqualTo(2);
        assertThat(status.migration().outcome()).isEqualTo(Outcome.Moved);
    }

    @Test
    void aGuestThatStaysIsWhereItWas() {
        VmScene scene = departed(Course.Stayed);
        assertEnds(scene, Outcome.Stayed, Reason.MigrationFailed, "said so");
        assertEnds(
                scene.because(Reason.MigrationNotConverging), Outcome.Stayed, Reason.MigrationNotConverging, "said so");
        assertEnds(departed(Course.Stayed).because(Reason.NoSpace), Outcome.Stayed, Reason.MigrationFailed, "said so");
        scene = departed(Course.Stayed);
        TrustedLaunchVMStatus status =
                VmStatus.of(scene.facts(), scene.step(), NOW).orElseThrow();
        assertThat(status.epoch()).isEqualTo(1);
        assertThat(status.phase()).hasToString("Running");
    }

    @Test
    void aTargetThatCannotTakeItEndsAMoveThatWasNotOffered() {
        assertEnds(
                moving().targetTells(Phase.Preparing, Reason.NoSpace),
                Outcome.Stayed,
                Reason.MigrationFailed,
                "host-b: NoSpace");
        assertEnds(moving().silent("host-b"), Outcome.Stayed, Reason.MigrationFailed, "agent on host-b is silent");
        assertEnds(moving().fenced("host-b"), Outcome.Stayed, Reason.MigrationFailed, "host-b is lost");
        assertEnds(moving().gone("host-b"), Outcome.Stayed, Reason.MigrationFailed, "host-b is gone");
    }

    @Test
    void onceItWasOfferedOnlyTheSourceSaysHowItEnds() {
        assertAsksToBreakOff(departed(Course.Underway).targetTells(Phase.Preparing, Reason.NoSpace));
        assertAsksToBreakOff(departed(Course.Underway).silent("host-b"));
        assertAsksToBreakOff(departed(Course.Underway).takenBack());
        assertAsksToBreakOff(departed(Course.Underway).strategy(RunStrategy.Halted));
        assertAsksToBreakOff(departed(Course.Underway).deleted());
    }

    @Test
    void aMoveThatWasNotOfferedIsTakenBack() {
        assertEnds(moving().takenBack(), Outcome.Stayed, Reason.MigrationCancelled, "its VMMigration was deleted");
        assertEnds(
                moving().target(Phase.Preparing).strategy(RunStrategy.Halted),
                Outcome.Stayed,
                Reason.MigrationCancelled,
                "the VM is to stop");
        assertAsksToBreakOff(moving().target(Phase.Receiving).takenBack());
    }

    @Test
    void nothingElseIsDoneForAVmBeforeTheSourceHasAnswered() {
        VmScene scene = departed(Course.Underway).handed(true);
        assertThat(scene.strategy(RunStrategy.Halted).step()).isInstanceOf(VmStep.Wait.class);
        assertThat(scene.deleted().step()).isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void aGuestThatEndsWhileItIsMovedHasStayed() {
        VmScene scene = moving().target(Phase.Receiving)
                .incarnation(1, DesiredState.Running, Phase.Stopped, EK, Exit.Crashed)
                .handed(false);
        assertEnds(scene, Outcome.Stayed, Reason.MigrationFailed, "ended on host-a");
    }

    @Test
    void aLostSourceHasLetGoOfWhatItWasToldToSend() {
        assertThat(departed(Course.Underway).fenced("host-a").step())
                .asInstanceOf(type(VmStep.EndMove.class))
                .extracting(end -> end.migration().outcome())
                .isEqualTo(Outcome.Moved);
        assertEnds(
                moving().target(Phase.Receiving).fenced("host-a"),
                Outcome.Stayed,
                Reason.MigrationFailed,
                "host-a was lost");
    }

    @Test
    void theTargetIsToldWhatItMayNotHaveHeard() {
        VmScene scene = followed().target(Phase.Receiving);
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.TellLeft.class))
                .extracting(tell -> tell.target().epoch())
                .isEqualTo(2L);
        assertThat(followed().target(Phase.Running).step()).isNotInstanceOf(VmStep.TellLeft.class);
    }

    @Test
    void theSourceIsRetiredOnceTheGuestRunsAtItsNewPlace() {
        assertThat(followed().target(Phase.Receiving).arrived().step())
                .asInstanceOf(type(VmStep.Wait.class))
                .extracting(wait -> wait.obstacle().reason())
                .isEqualTo(Reason.Migrating);
        assertThat(followed().target(Phase.Running).step())
                .asInstanceOf(type(VmStep.Retire.class))
                .extracting(retire -> retire.incarnation().epoch())
                .isEqualTo(1L);
    }

    @Test
    void theSourceKeepsItsEnvelopeUntilItHasSealedWhatItHas() {
        VmScene scene = followed().target(Phase.Running).sourceLeft(DesiredState.Stopped, false);
        assertThat(scene.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(followed()
                        .target(Phase.Running)
                        .floor(2, 1)
                        .sourceLeft(DesiredState.Stopped, true)
                        .step())
                .isInstanceOf(VmStep.RemoveIncarnation.class);
    }

    @Test
    void theTargetOfAMoveThatCameToNothingIsRetiredAndRemoved() {
        VmScene stayed = moving().migration(open().ended(Outcome.Stayed, Reason.MigrationFailed.name(), "because"))
                .target(Phase.Receiving);
        assertThat(stayed.step())
                .asInstanceOf(type(VmStep.Retire.class))
                .extracting(retire -> retire.incarnation().epoch())
                .isEqualTo(2L);
        assertThat(stayed.incarnation(
                                "host-b",
                                2,
                                DesiredState.Stopped,
                                VMIncarnationStatusBuilder.builder()
                                        .observedGeneration(1L)
                                        .phase(Phase.Stopped)
                                        .exit(Exit.NeverRan)
                                        .build())
                        .step())
                .isInstanceOf(VmStep.RemoveIncarnation.class);
    }

    @Test
    void anEpochIsNeverUsedTwice() {
        VmScene scene = running()
                .migration(open().ended(Outcome.Stayed, Reason.MigrationFailed.name(), "because"))
                .incarnation(1, DesiredState.Running, Phase.Stopped, EK, Exit.Shutdown);
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.ReserveEpoch.class))
                .extracting(VmStep.ReserveEpoch::epoch)
                .isEqualTo(3L);
    }

    @Test
    void aNextMoveWaitsUntilTheEndOfTheLastIsOnItsOwnRecord() {
        Migration stayed = open().ended(Outcome.Stayed, Reason.MigrationFailed.name(), "because");
        VmScene scene = running().sharedLocation().asked("move").asked("next").migration(stayed);
        assertThat(scene.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(scene.takenBack().asked("next").step()).isInstanceOf(VmStep.ReserveMove.class);
    }

    @Test
    void noFurtherIncarnationBeginsBeforeTheSourceHasSealedWhatItStillHas() {
        VmScene dead = followed()
                .incarnation(
                        "host-b",
                        2,
                        DesiredState.Running,
                        VMIncarnationStatusBuilder.builder()
                                .observedGeneration(1L)
                                .phase(Phase.Stopped)
                                .ekDigest(EK)
                                .exit(Exit.NeverRan)
                                .build());
        assertThat(dead.step()).as("first it is asked to").isInstanceOf(VmStep.Retire.class);
        assertThat(dead.sourceLeft(DesiredState.Stopped, false).step())
                .asInstanceOf(type(VmStep.Wait.class))
                .extracting(wait -> wait.obstacle().message())
                .asString()
                .contains("epoch 1 on host-a");
        assertThat(dead.fenced("host-a").step())
                .asInstanceOf(type(VmStep.Wait.class))
                .extracting(wait -> wait.obstacle().reason())
                .isEqualTo(Reason.WorkingCopyElsewhere);
    }

    @Test
    void aRecordFromBeforeTheMoveLearnsFromTheSourceWhereTheGuestIs() {
        VmScene scene = running().sharedLocation().sourceLeft(DesiredState.Running, false);
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.EndMove.class))
                .extracting(VmStep.EndMove::migration)
                .isEqualTo(TrustedLaunchVMStatusMigrationBuilder.builder()
                        .epoch(2L)
                        .sourceNode("host-a")
                        .targetNode("host-b")
                        .outcome(Outcome.Moved)
                        .build());
    }

    @Test
    void aTargetThatWasLostIsMadeAgainAsOneWhoseGuestHasLeft() {
        assertThat(followed().step())
                .asInstanceOf(type(VmStep.CreateIncarnation.class))
                .extracting(create -> create.blueprint().getSpec().arrival())
                .isEqualTo(new Arrival(1L, "host-a", true, false));
    }

    @Test
    void aDeletionClearsTheNodeThatTheGuestLeftToo() {
        assertThat(followed().target(Phase.Running).deleted().step())
                .asInstanceOf(type(VmStep.Erase.class))
                .extracting(erase -> erase.incarnation().epoch())
                .isEqualTo(1L);
    }

    @Test
    void aVmIsKeptOnlyOnceTheNodeThatTheGuestLeftHasSealedWhatItHas() {
        assertThat(followed().target(Phase.Running).retained().deleted().step())
                .asInstanceOf(type(VmStep.Retire.class))
                .extracting(retire -> retire.incarnation().epoch())
                .isEqualTo(1L);
    }

    @Test
    void aGuestBetweenTwoNodesIsNotAskedToShutDown() {
        VmScene scene = followed().target(Phase.Receiving).arrived().strategy(RunStrategy.Halted);
        assertThat(scene.step()).isInstanceOf(VmStep.Wait.class);
        assertThat(scene.targetTells(Phase.Receiving, Reason.EkMismatch).step()).isInstanceOf(VmStep.Retire.class);
    }

    private static void assertEnds(VmScene scene, Outcome outcome, Reason reason, String message) {
        assertThat(scene.step()).isInstanceOf(VmStep.EndMove.class);
        Migration end = ((VmStep.EndMove) scene.step()).migration();
        assertThat(end.outcome()).isEqualTo(outcome);
        assertThat(end.reason()).isEqualTo(reason.name());
        assertThat(end.message()).contains(message);
    }

    private static void assertAsksToBreakOff(VmScene scene) {
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.Depart.class))
                .extracting(depart -> depart.departure().cancelled())
                .isEqualTo(true);
    }

    private static Migration open() {
        return TrustedLaunchVMStatusMigrationBuilder.builder()
                .name("move")
                .uid("uid-of-move")
                .epoch(2L)
                .sourceNode("host-a")
                .targetNode("host-b")
                .build();
    }

    /** Reserved, and nothing more. */
    private static VmScene moving() {
        return running().sharedLocation().claimed().asked("move").migration(open());
    }

    /** Offered to both. */
    private static VmScene departed(Course course) {
        return moving().target(Phase.Receiving).departs(course);
    }

    private static VmScene left() {
        return moving().target(Phase.Receiving).sourceLeft(DesiredState.Running, false);
    }

    /** The record has followed the guest; the target's incarnation is not there yet. */
    private static VmScene followed() {
        return running()
                .sharedLocation()
                .onRecord("host-b", 2, EK)
                .migration(open().ended(Outcome.Moved, null, null))
                .sourceLeft(DesiredState.Running, false);
    }
}
