package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.operator.vm.plan.VmSteps.waiting;
import static io.trustedlaunch.testkit.Incarnations.departure;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static io.trustedlaunch.testkit.Incarnations.status;
import static io.trustedlaunch.testkit.Vms.EK;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusDepartureBuilder;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Charge;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusMigrationBuilder;
import io.trustedlaunch.operator.quota.Use;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The operator's part of a live migration from host-a, epoch 1, to host-b, epoch 2. */
class VmMigrationPlanTest {
    private static final VMMigration MIGRATION = Vms.migration("move", null);
    private static final Migration OPEN = TrustedLaunchVMStatusMigrationBuilder.builder()
            .name("move")
            .uid("uid-of-move")
            .epoch(2L)
            .sourceNode("host-a")
            .targetNode("host-b")
            .build();
    private static final UnaryOperator<VMIncarnationSpecBuilder> ON_HOST_B = spec -> spec.nodeName("host-b");
    /** The target's agent knows that the guest has left the source. */
    private static final UnaryOperator<VmScene> ARRIVED =
            scene -> scene.incarnation(2, spec -> spec.arrival(new Arrival(1L, "host-a", true, false)));

    private static final Migration MOVED = OPEN.ended(Outcome.Moved, null, null);
    private static final Migration STAYED = OPEN.ended(Outcome.Stayed, Reason.MigrationFailed.name(), "because");

    @Test
    void aMigrationIsReservedFirst() {
        assertThat(requested(MIGRATION)
                        .step(MigrationStep.ReserveMigration.class)
                        .migration())
                .isEqualTo(OPEN);
    }

    @Test
    void aVmThatIsBeingMigratedRunsAndIsReady() {
        TrustedLaunchVMStatus status = requested(MIGRATION).newStatus();
        assertThat(status.migration()).isEqualTo(OPEN);
        assertThat(status.epoch()).isEqualTo(1);
        assertThat(status.nodeName()).isEqualTo("host-a");
        assertThat(status.phase()).hasToString("Migrating");
        assertThat(status.conditions().getFirst().getStatus()).isEqualTo("True");
    }

    @Test
    void nothingIsReservedWhereNoNodeCanTakeIt() {
        assertThat(running().with(wanting(MIGRATION)).step())
                .as("no shared folder")
                .isInstanceOf(VmStep.Settled.class);
        assertThat(requested(MIGRATION).cordoned("host-b").step()).isInstanceOf(VmStep.Settled.class);
        assertThat(requested(MIGRATION).silent("host-a").step()).isInstanceOf(VmStep.Wait.class);
    }

    /** It never begins, unlike one that waits for room. */
    @Test
    void aNodeThatDoesNotExistIsAReasonOfItsOwn() {
        assertThat(problem("host-z")).isEqualTo(Reason.TargetNotFound);
        assertThat(problem("host-a")).isEqualTo(Reason.NoNodeFits);
    }

    private static Reason problem(String target) {
        VMMigration migration = Vms.migration("move", target);
        Migratability.Target chosen = new Migratability(requested(migration).facts()).target(migration);
        return ((Migratability.Target.None) chosen).problem().reason();
    }

    /** It was reserved by the former leader. */
    @Test
    void aTargetThatHasNotAnsweredThisLeaderGetsNoIncarnationYet() {
        VmScene begun = begun().notAnswered("host-b");
        assertThat(begun.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(begun.newStatus().conditions().getFirst().getStatus()).isEqualTo("True");
    }

    @Test
    void noGuestMigratesToOrFromANodeThatIsNotEnrolled() {
        assertThat(requested(MIGRATION).revoked("host-b").step()).isInstanceOf(VmStep.Settled.class);
        assertThat(requested(MIGRATION).revoked("host-a").step()).isInstanceOf(VmStep.Settled.class);
        Problem verdict = new Migratability(requested().revoked("host-a").facts()).verdict();
        assertThat(verdict.reason()).isEqualTo(Reason.NodeNotApproved);
        assertThat(verdict.message())
                .isEqualTo("no VM migrates from host-a, because it is not enrolled: to let it run VMs, run kubectl tlvm"
                        + " node approve host-a. To start the VM on another node, stop it first");
    }

    @Test
    void aRevocationEndsAMigrationThatWasNotHandedOverAndCancelsOneThatWas() {
        for (String node : List.of("host-a", "host-b")) {
            assertStays(
                    begun().with(target(Phase.Preparing)).revoked(node),
                    Reason.MigrationFailed,
                    node + " is not enrolled");
            assertCancels(handedOver(Course.Underway).revoked(node));
            assertThat(left().revoked(node).step())
                    .as("the guest has left")
                    .isInstanceOf(MigrationStep.EndMigration.class);
        }
    }

    @Test
    void aGuestWithoutItsTpmDoesNotMigrateAndItsVmMigrationSaysWhy() {
        VmScene scene = requested(MIGRATION)
                .incarnation(
                        1,
                        Running,
                        reported(Phase.Running)
                                .reason(Reason.TpmNotResponding.name())
                                .message("restart it"));
        Problem noTpm = new Problem(Reason.TpmNotResponding, "restart it");

        assertWaits(scene, Reason.TpmNotResponding);
        assertThat(new VmPlanner(Incarnations.NAMESPACE, false, Pace.DEFAULT)
                        .migrationProblem(scene.facts(), MIGRATION))
                .contains(noTpm);
        assertThat(new Migratability(scene.facts()).verdict()).isEqualTo(noTpm);
    }

    @Test
    void nothingIsReservedBeforeEveryNodeHasAnswered() {
        assertThat(requested(MIGRATION).unanswered("host-b").step()).isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void theTargetNodeOfTheSpecIsUsed() {
        assertThat(requested(to("host-b")).step()).isInstanceOf(MigrationStep.ReserveMigration.class);
        assertThat(requested(to("host-a")).step()).isInstanceOf(VmStep.Settled.class);
        assertThat(requested(to("host-c")).step()).isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void aTpmDoesNotMigrateToAnOlderLibtpmsAndItsVmMigrationSaysWhy() {
        VMMigration toB = to("host-b");
        VmScene scene = requested(toB).libtpms("host-b", "0.9.2").sharedLocation();

        assertThat(scene.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(new VmPlanner(Incarnations.NAMESPACE, false, Pace.DEFAULT).migrationProblem(scene.facts(), toB))
                .hasValueSatisfying(problem -> {
                    assertThat(problem.reason()).isEqualTo(Reason.NoNodeFits);
                    assertThat(problem.message()).startsWith("host-b: its libtpms 0.9.2 is older than 0.10.2, which");
                });
        assertThat(scene.libtpms("host-b", null).sharedLocation().step())
                .as("not reported")
                .isInstanceOf(MigrationStep.ReserveMigration.class);
    }

    @Test
    void aMigrationRespectsAntiAffinity() {
        VmScene apart = running().database().sharedLocation().otherDatabase("db-2", "host-b");
        assertThat(apart.with(wanting(MIGRATION)).step()).isInstanceOf(VmStep.Settled.class);
        assertThat(apart.with(wanting(to("host-b"))).step()).isInstanceOf(VmStep.Settled.class);
        assertThat(new Migratability(apart.facts()).verdict()).satisfies(verdict -> {
            assertThat(verdict.reason()).isEqualTo(Reason.NoNodeFits);
            assertThat(verdict.message()).startsWith("host-b: VM db-2 is there");
        });
    }

    @Test
    void aMigrationThatCannotBeginDoesNotBlockOneThatCan() {
        VmScene scene = requested(Vms.migration("vain", "host-c"), MIGRATION);
        assertThat(scene.step(MigrationStep.ReserveMigration.class).migration().name())
                .isEqualTo("move");
    }

    @Test
    void theTargetGetsTheSourcesMachineEvenIfTheSpecHasChanged() {
        VmScene scene = begun().osDisk("20Gi");
        VMIncarnationSpec spec = created(scene);
        assertThat(scene.step(VmStep.CreateIncarnation.class).sealed()).isTrue();
        assertThat(spec.machine())
                .isEqualTo(scene.facts().incarnations().current().orElseThrow().machine());
        assertThat(spec.arrival()).isEqualTo(new Arrival(1L, "host-a", false, false));
        assertThat(spec.epoch()).isEqualTo(2);
        assertThat(spec.nodeName()).isEqualTo("host-b");
        assertThat(spec.firstStart()).isFalse();
        assertThat(spec.ekDigest()).isEqualTo(EK);
        assertThat(spec.guestStateFloor()).isEqualTo(new GuestStateVersion(1L, 1L));
        assertThat(spec.desiredState()).isEqualTo(Running);
    }

    @Test
    void theSourceDepartsOnceTheTargetIsReady() {
        assertThat(begun().with(target(Phase.Preparing)).step()).isInstanceOf(VmStep.Settled.class);
        VmScene ready = begun().with(target(Phase.Receiving));
        assertThat(ready.step(MigrationStep.Depart.class).departure())
                .isEqualTo(departure(2, "host-b").build());
    }

    @Test
    void whileTheGuestIsCopiedThereIsNothingToDo() {
        assertThat(handedOver(Course.Underway).step(VmStep.Settled.class).reason())
                .isEqualTo(Reason.Migrating);
    }

    @Test
    void theRecordFollowsAGuestThatHasLeft() {
        VmScene scene = left();
        assertThat(scene.step(MigrationStep.EndMigration.class).migration()).isEqualTo(MOVED);
        TrustedLaunchVMStatus status = scene.newStatus();
        assertThat(status.epoch()).isEqualTo(2);
        assertThat(status.nodeName()).isEqualTo("host-b");
    }

    @Test
    void theRecordFollowsAGuestThatRunsAtTheTargetBeforeItsSourceReportsIt() {
        assertThat(handedOver(Course.Underway).with(target(Phase.Running)).step())
                .isInstanceOf(MigrationStep.EndMigration.class);
    }

    @Test
    void anArrivalIsOneWriteWhenTheGuestAlreadyRuns() {
        TrustedLaunchVMStatus status = left().with(target(Phase.Running)).newStatus();
        assertThat(status.phase()).isEqualTo(TrustedLaunchVMStatus.Phase.Running);
        assertThat(status.conditions().getFirst().getMessage()).isEqualTo("the guest runs on host-b (epoch 2)");
        assertThat(status.epoch()).isEqualTo(2);
        assertThat(status.migration().outcome()).isEqualTo(Outcome.Moved);
    }

    @Test
    void aGuestThatStaysIsWhereItWas() {
        assertStays(handedOver(Course.Stayed), Reason.MigrationFailed, "said so");
        assertStays(
                handedOver(Course.Stayed).with(stayed(Reason.MigrationNotConverging)),
                Reason.MigrationNotConverging,
                "said so");
        assertStays(handedOver(Course.Stayed).with(stayed(Reason.NoSpace)), Reason.MigrationFailed, "said so");
        TrustedLaunchVMStatus status = handedOver(Course.Stayed).newStatus();
        assertThat(status.epoch()).isEqualTo(1);
        assertThat(status.phase()).hasToString("Running");
    }

    @Test
    void aTargetThatCannotReceiveTheGuestEndsAMigrationThatWasNotHandedOver() {
        assertStays(begun().with(target(Phase.Preparing, Reason.NoSpace)), Reason.MigrationFailed, "host-b: NoSpace");
        assertStays(begun().silent("host-b"), Reason.MigrationFailed, "agent on host-b is not responding");
        assertStays(begun().fenced("host-b"), Reason.MigrationFailed, "agent on host-b is not responding");
        assertStays(begun().gone("host-b"), Reason.MigrationFailed, "host-b is gone");
    }

    @Test
    void onceItIsHandedOverOnlyTheSourceDecidesHowItEnds() {
        assertCancels(handedOver(Course.Underway).with(target(Phase.Preparing, Reason.NoSpace)));
        assertCancels(handedOver(Course.Underway).silent("host-b"));
        assertCancels(handedOver(Course.Underway).with(wanting()));
        assertCancels(handedOver(Course.Underway).strategy(RunStrategy.Halted));
        assertCancels(handedOver(Course.Underway).deleted());
    }

    @Test
    void aMigrationThatWasNotHandedOverIsCancelled() {
        assertStays(begun().with(wanting()), Reason.MigrationCancelled, "its VMMigration was deleted");
        assertStays(
                begun().with(target(Phase.Preparing)).strategy(RunStrategy.Halted),
                Reason.MigrationCancelled,
                "the VM is being stopped or deleted");
        assertCancels(begun().with(target(Phase.Receiving)).with(wanting()));
    }

    @Test
    void nothingElseIsDoneBeforeTheSourceHasAnswered() {
        VmScene scene = handedOver(Course.Underway).with(handed(true));
        assertThat(scene.strategy(RunStrategy.Halted).step()).isInstanceOf(VmStep.Wait.class);
        assertThat(scene.deleted().step()).isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void aGuestThatEndsDuringItsMigrationHasStayed() {
        VmScene scene = begun().with(target(Phase.Receiving))
                .incarnation(1, Running, ended(Exit.Crashed))
                .with(handed(false));
        assertStays(scene, Reason.MigrationFailed, "ended on host-a");
    }

    /** Its guest may have gone on after the target had all of it. */
    @ParameterizedTest
    @EnumSource(names = {"Receiving", "Received"})
    void aSourceThatIsProvedDeadHasHandedOverNothingThatItDidNotSay(Phase phase) {
        VmScene dead = handedOver(Course.Underway).fenced("host-a");
        VmStep.Retire retire = dead.with(target(phase)).step(VmStep.Retire.class);
        assertThat(retire.incarnation().epoch()).isEqualTo(2);
        assertStays(
                dead.incarnation(2, Stopped, neverRan()).incarnation(2, ON_HOST_B),
                Reason.MigrationFailed,
                "host-a is proved dead, and did not hand it over to host-b");
    }

    @Test
    void neitherSilenceNorATaintNorAMissingClusterNodeEndsAMigrationThatWasHandedOver() {
        VmScene handedOver = handedOver(Course.Underway).with(target(Phase.Received));
        for (VmScene scene :
                List.of(handedOver.silent("host-a"), handedOver.outOfService("host-a"), handedOver.gone("host-a"))) {
            assertThat(scene.step()).isNotInstanceOf(MigrationStep.EndMigration.class);
        }
    }

    @Test
    void theTargetLearnsFromItsSpecThatTheGuestHasLeft() {
        VmScene scene = followed().with(target(Phase.Receiving));
        assertThat(scene.step(MigrationStep.ConfirmHandoff.class).target().epoch())
                .isEqualTo(2L);
        assertThat(followed().with(target(Phase.Running)).step()).isNotInstanceOf(MigrationStep.ConfirmHandoff.class);
    }

    @Test
    void theSourceIsRetiredOnceTheGuestRunsAtTheTarget() {
        assertWaits(followed().with(target(Phase.Receiving)).with(ARRIVED), Reason.Migrating);
        assertThat(followed()
                        .with(target(Phase.Running))
                        .step(VmStep.Retire.class)
                        .incarnation()
                        .epoch())
                .isEqualTo(1L);
    }

    @Test
    void theSourceKeepsItsEnvelopeUntilItHasSealedItsState() {
        VmScene scene = followed().with(target(Phase.Running)).with(sourceLeft(Stopped, false));
        assertThat(scene.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(followed()
                        .with(target(Phase.Running))
                        .floor(2, 1)
                        .with(sourceLeft(Stopped, true))
                        .step())
                .isInstanceOf(RemovalStep.RemoveIncarnation.class);
    }

    @Test
    void theTargetOfAFailedMigrationIsRetiredAndRemoved() {
        VmScene stayed = begun().with(recorded(STAYED)).with(target(Phase.Receiving));
        assertThat(stayed.step(VmStep.Retire.class).incarnation().epoch()).isEqualTo(2L);
        assertThat(stayed.incarnation(2, Stopped, neverRan())
                        .incarnation(2, ON_HOST_B)
                        .step())
                .isInstanceOf(RemovalStep.RemoveIncarnation.class);
    }

    @Test
    void anEpochIsNeverUsedTwice() {
        VmScene scene = running().with(recorded(STAYED)).incarnation(1, Running, ended(Exit.Shutdown));
        assertThat(scene.step(VmStep.ReserveEpoch.class).epoch()).isEqualTo(3L);
    }

    @Test
    void theNextMigrationWaitsUntilTheLastOneHasRecordedItsEnd() {
        VmScene scene = requested(MIGRATION, Vms.migration("next", null)).with(recorded(STAYED));
        assertThat(scene.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(scene.with(wanting(Vms.migration("next", null))).step())
                .isInstanceOf(MigrationStep.ReserveMigration.class);
    }

    @Test
    void noFurtherIncarnationBeginsBeforeTheSourceHasSealedItsState() {
        VmScene dead = followed().incarnation(2, Running, neverRan()).incarnation(2, ON_HOST_B);
        assertThat(dead.step()).as("first it is asked to").isInstanceOf(VmStep.Retire.class);
        assertThat(waiting(dead.with(sourceLeft(Stopped, false))).message()).contains("epoch 1 on host-a");
        assertRefused(dead.silent("host-a"), Reason.WorkingCopyElsewhere, "may be on host-a");
    }

    @Test
    void aRecordFromBeforeTheMigrationLearnsFromTheSourceWhereTheGuestIs() {
        VmScene scene = running().sharedLocation().with(sourceLeft(Running, false));
        assertThat(scene.step(MigrationStep.EndMigration.class).migration())
                .isEqualTo(TrustedLaunchVMStatusMigrationBuilder.builder()
                        .epoch(2L)
                        .sourceNode("host-a")
                        .targetNode("host-b")
                        .outcome(Outcome.Moved)
                        .build());
    }

    @Test
    void aMissingTargetIsCreatedAgainAsOneWhoseGuestHasLeft() {
        assertThat(created(followed()).arrival()).isEqualTo(new Arrival(1L, "host-a", true, false));
    }

    @Test
    void aDeletionErasesTheNodeThatTheGuestLeftToo() {
        assertThat(followed()
                        .with(target(Phase.Running))
                        .deleted()
                        .step(VmStep.Erase.class)
                        .incarnation()
                        .epoch())
                .isEqualTo(1L);
    }

    @Test
    void aVmIsRetainedOnlyOnceTheNodeThatTheGuestLeftHasSealedItsState() {
        assertThat(followed()
                        .with(target(Phase.Running))
                        .retained()
                        .deleted()
                        .step(VmStep.Retire.class)
                        .incarnation()
                        .epoch())
                .isEqualTo(1L);
    }

    @Test
    void aGuestBetweenTwoNodesIsNotShutDown() {
        VmScene scene = followed().with(target(Phase.Receiving)).with(ARRIVED).strategy(RunStrategy.Halted);
        assertThat(scene.step()).isInstanceOf(VmStep.Wait.class);
        assertThat(scene.with(target(Phase.Receiving, Reason.EkMismatch))
                        .with(ARRIVED)
                        .step())
                .isInstanceOf(VmStep.Retire.class);
    }

    private static void assertStays(VmScene scene, Reason reason, String message) {
        Migration end = scene.step(MigrationStep.EndMigration.class).migration();
        assertThat(end.outcome()).isEqualTo(Outcome.Stayed);
        assertThat(end.reason()).isEqualTo(reason.name());
        assertThat(end.message()).contains(message);
    }

    private static void assertCancels(VmScene scene) {
        assertThat(scene.step(MigrationStep.Depart.class).departure().cancelled())
                .isTrue();
    }

    /** The migration is reserved, and the target has no incarnation yet. */
    private static VmScene begun() {
        return running()
                .sharedLocation()
                .incarnation(1, Running, reported(Phase.Running).guestState(sealed(1, 1)))
                .with(wanting(MIGRATION))
                .with(recorded(OPEN));
    }

    /** Both agents know of the migration, and the source reports this. */
    private static VmScene handedOver(Course course) {
        return begun().with(target(Phase.Receiving)).with(source(course));
    }

    private static VmScene left() {
        return begun().with(target(Phase.Receiving)).with(sourceLeft(Running, false));
    }

    /** The record has followed the guest; the target's incarnation is not there yet. */
    private static VmScene followed() {
        return running()
                .sharedLocation()
                .onRecord("host-b", 2)
                .with(recorded(MOVED))
                .with(sourceLeft(Running, false));
    }

    @Test
    void aMigrationBeyondTheQuotaWaitsAndThoseOfDrainsDoNot() {
        VmScene scene = requested(MIGRATION)
                .charged(new Charge(2, new Quantity("1Gi"), new Quantity("10Gi"), null))
                .quota(hard -> hard.migrations(1L).cores(0L), others -> others.migrations(1));
        assertThat(scene.step()).isInstanceOf(VmStep.Settled.class);
        Problem problem = new VmPlanner(Incarnations.NAMESPACE, false, Pace.DEFAULT)
                .migrationProblem(scene.facts(), MIGRATION)
                .orElseThrow();
        assertThat(problem.reason()).isEqualTo(Reason.QuotaExceeded);
        assertThat(problem.message()).contains("migrations: 1 more wanted, 1 of 1 in use, 1 missing");

        VMMigration ofDrain = Vms.migration("drain", null);
        ofDrain.getMetadata().setLabels(Map.of(Api.LABEL_DRAIN, "host-a"));
        MigrationStep.ReserveMigration step = scene.with(wanting(ofDrain)).step(MigrationStep.ReserveMigration.class);
        assertThat(step.use(scene.facts()).migrations()).isZero();
        step = scene.with(wanting(MIGRATION))
                .quota(hard -> hard.migrations(1L).cores(0L), others -> others)
                .step(MigrationStep.ReserveMigration.class);
        assertThat(step.use(scene.facts()))
                .as("its cores count once")
                .isEqualTo(scene.facts().vm().charge().use().plus(Use.ONE_MIGRATION));
        assertThat(scene.newStatus().charged().cores()).isEqualTo(2);
    }

    /** An operator that was paused has begun it after its successor had given the rest to others. */
    @Test
    void aMigrationThatIsBegunTooLateFailsUnlessTheQuotaHasRoom() {
        VmScene scene = begun().charged(new Charge(2, new Quantity("1Gi"), new Quantity("10Gi"), null))
                .countedLate();
        scene.quota(hard -> hard.migrations(1L), others -> others.migrations(1));
        Migration end = scene.step(MigrationStep.EndMigration.class).migration();
        assertThat(end.outcome()).isEqualTo(Outcome.Stayed);
        assertThat(end.reason()).isEqualTo(Reason.QuotaExceeded.name());
        assertThat(end.message()).contains("migrations: 1 more wanted, 1 of 1 in use, 1 missing");
        assertThat(scene.newStatus().charged())
                .as("its guest runs on")
                .isEqualTo(scene.vm().getStatus().charged());

        scene.quota(hard -> hard.migrations(2L), others -> others.migrations(1));
        assertThat(scene.step()).isInstanceOf(VmStep.CreateIncarnation.class);
    }

    private static VmScene requested(VMMigration... migrations) {
        return running().sharedLocation().with(wanting(migrations));
    }

    private static VMMigration to(String node) {
        return Vms.migration("move", node);
    }

    private static UnaryOperator<VmScene> wanting(VMMigration... migrations) {
        return scene -> scene.facts(facts -> facts.migrations(List.of(migrations)));
    }

    private static UnaryOperator<VmScene> recorded(Migration migration) {
        return scene -> scene.status(status -> status.migration(migration));
    }

    /** What the source's agent reports of the guest's departure. */
    private static UnaryOperator<VmScene> source(Course course) {
        return source(departs -> departs.course(course));
    }

    private static UnaryOperator<VmScene> stayed(Reason reason) {
        return source(departs -> departs.course(Course.Stayed).reason(reason.name()));
    }

    private static UnaryOperator<VmScene> source(UnaryOperator<VMIncarnationStatusDepartureBuilder> departure) {
        VMIncarnationStatusDepartureBuilder toHostB = VMIncarnationStatusDepartureBuilder.builder()
                .epoch(2L)
                .nodeName("host-b")
                .message("said so");
        return scene -> scene.incarnation(
                        1,
                        Running,
                        reported(Phase.Running)
                                .guestState(sealed(1, 1))
                                .departure(departure.apply(toHostB).build()))
                .with(handed(false));
    }

    /** The source's guest went to host-b as epoch 2. */
    private static UnaryOperator<VmScene> sourceLeft(DesiredState desired, boolean complete) {
        return scene -> scene.incarnation(
                        1,
                        desired,
                        ended(Exit.Migrated)
                                .guestState(sealed(1, complete ? 2 : 1, complete))
                                .departure(VMIncarnationStatusDepartureBuilder.builder()
                                        .epoch(2L)
                                        .nodeName("host-b")
                                        .course(Course.Left)
                                        .build()))
                .withEnvelope();
    }

    /** The source's agent knows where its guest is to go. */
    private static UnaryOperator<VmScene> handed(boolean cancelled) {
        return scene -> scene.incarnation(
                1,
                spec -> spec.departure(
                        departure(2, "host-b").cancelled(cancelled).build()));
    }

    private static UnaryOperator<VmScene> target(Phase phase) {
        return target(status(phase).ekDigest(phase == Phase.Running ? EK : null));
    }

    private static UnaryOperator<VmScene> target(Phase phase, Reason reason) {
        return target(status(phase).reason(reason.name()).message("said so"));
    }

    private static UnaryOperator<VmScene> target(VMIncarnationStatusBuilder reported) {
        return scene -> scene.incarnation(2, Running, reported)
                .incarnation(2, ON_HOST_B)
                .incarnation(2, spec -> spec.arrival(new Arrival(1L, "host-a", false, false)));
    }
}
