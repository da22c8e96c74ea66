package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.askedAtEveryStart;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.missing;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.refused;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.withDigest;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.NO_KEY;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.status;
import static io.trustedlaunch.testkit.Vms.EK;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class VmPlannerTest {
    @Nested
    class AFirstStart {
        @Test
        void beginsWithTheFinalizer() {
            assertThat(applied().step()).isEqualTo(new VmStep.AddFinalizer());
        }

        @Test
        void goesOnWithTheKey() {
            assertThat(applied().withFinalizer().step()).isEqualTo(new VmStep.CreateKey());
        }

        @Test
        void thenReservesTheEpochAndRecordsTheImagesDigest() {
            assertThat(applied().withFinalizer().withKey().step())
                    .isEqualTo(new VmStep.ReserveEpoch(
                            "host-a",
                            1,
                            Optional.of(new RecordedImage("ws2022", GuestImages.DIGEST, Provenance.None))));
        }

        @Test
        void thenCreatesTheIncarnationWithAnEnvelope() {
            VmStep.CreateIncarnation step = reserved(1).step(VmStep.CreateIncarnation.class);
            assertThat(step.sealed()).isTrue();
            VMIncarnationSpec spec = step.incarnation().getSpec();
            assertThat(spec.firstStart()).isTrue();
            assertThat(spec.desiredState()).isEqualTo(Running);
            assertThat(spec.nodeName()).isEqualTo("host-a");
            assertThat(spec.machine().image().sha256()).isEqualTo(GuestImages.DIGEST);
            assertThat(spec.machine().image().uid()).isEqualTo(GuestImages.UID);
        }

        @Test
        void createsNothingForAnIneligibleImage() {
            assertRefused(applied().image(refused(Reason.NoRuleAllows)), Reason.NoRuleAllows);
        }

        @Test
        void createsNothingWithoutAnImage() {
            assertRefused(applied().image(missing()), Reason.ImageNotFound);
        }

        @Test
        void createsNothingInANamespaceThatIsTerminating() {
            assertRefused(applied().offers(offers -> offers.namespaceTerminating(true)), Reason.NamespaceTerminating);
        }

        @Test
        void createsNothingWithoutItsStorageLocation() {
            assertRefused(applied().offers(offers -> offers.locations(Map.of())), Reason.StorageLocationNotFound);
        }

        @Test
        void createsNothingWithoutANode() {
            assertRefused(applied().gone("host-a").gone("host-b"), Reason.NoNodes);
        }

        @Test
        void createsNothingWhereNoNodeFits() {
            assertRefused(applied().silent("host-a").silent("host-b"), Reason.NoNodeFits);
        }

        @Test
        void respectsAntiAffinity() {
            VmScene scene = applied().withFinalizer().withKey().database().otherDatabase("db-2", "host-a");
            assertStartsOn("host-b", scene);
            assertRefused(
                    scene.otherDatabase("db-3", "host-b"),
                    Reason.NoNodeFits,
                    "host-a: VM db-2 is there",
                    "host-b: VM db-3 is there");
        }

        @Test
        void waitsForUserData() {
            assertWaits(
                    applied()
                            .offers(offers -> offers.userData(
                                    new UserDataFacts.Unusable(Reason.UserDataNotFound, "no such Secret"))),
                    Reason.UserDataNotFound);
        }

        @Test
        void waitsUntilEveryNodeHasReportedItsDomains() {
            assertWaits(applied().unanswered("host-b"), Reason.AwaitingInventory);
        }

        @Test
        void doesNotGoOnAfterTheReservationBeforeEveryNodeHasAnswered() {
            assertWaits(reserved(1).unanswered("host-b"), Reason.AwaitingInventory);
        }

        /** Its guest waits for the record, which waits for the nodes. */
        @Test
        void saysThatAPreparedGuestWaitsForTheAnswers() {
            VmScene first = reserved(1)
                    .incarnation(1, Running, reported(Phase.Preparing))
                    .unanswered("host-b");
            assertWaits(first, Reason.AwaitingInventory, "host-b");
            VmScene prepared = first.incarnation(1, Running, reported(Phase.Prepared));
            assertWaits(prepared, Reason.AwaitingInventory, "host-b");
            assertThat(prepared.step().requeueAfter(prepared.facts())).contains(Duration.ofSeconds(10));
            assertWaits(
                    recorded(2)
                            .incarnation(2, Running, reported(Phase.Prepared))
                            .unanswered("host-b"),
                    Reason.Starting);
        }

        /** Its agent waits for a mark that the leader raises once it knows its data to be of now, and says nothing meanwhile. */
        @Test
        void saysThatAnIncarnationOfWhichNothingIsHeardWaitsForTheAnswers() {
            assertWaits(reserved(1).incarnation(1, Running).unanswered("host-b"), Reason.AwaitingInventory, "host-b");
            VmScene later = recorded(2).incarnation(2, Running).unanswered("host-b");
            assertWaits(later, Reason.AwaitingInventory, "host-b");
            assertThat(later.step().requeueAfter(later.facts())).contains(Duration.ofSeconds(10));
            assertWaits(later.silent("host-a"), Reason.AgentNotAlive);
        }

        @Test
        void isCreatedWithTheDigestOnRecordWhenNoCatalogHasIt() {
            assertThat(created(reserved(1).image(withDigest(null)))
                            .machine()
                            .image()
                            .sha256())
                    .isEqualTo(GuestImages.DIGEST);
        }

        @Test
        void isNotCreatedFromAnotherImageOfTheSameName() {
            assertRefused(reserved(1).image(withDigest("f".repeat(64))), Reason.ImageNotFound);
        }

        @Test
        void ofAHaltedVmCreatesNothing() {
            assertThat(applied().strategy(RunStrategy.Halted).step()).isInstanceOf(VmStep.Settled.class);
        }
    }

    @Nested
    class APreparation {
        @Test
        void isWaitedFor() {
            assertWaits(reserved(1).incarnation(1, Running), Reason.Starting);
        }

        @Test
        void reportsWhatTheAgentIsDoing() {
            assertThat(reserved(1)
                            .incarnation(1, Running, preparing("Starting"))
                            .step(VmStep.Wait.class)
                            .problem()
                            .message())
                    .isEqualTo("epoch 1 is being prepared on host-a: because");
        }

        @Test
        void reportsTheAgentsProblem() {
            assertWaits(reserved(1).incarnation(1, Running, preparing("DiskTooSmall")), Reason.DiskTooSmall);
        }

        @Test
        void reportsAReasonThatOnlyANewerAgentKnows() {
            assertWaits(reserved(1).incarnation(1, Running, preparing("FromTomorrow")), Reason.AgentFault);
        }

        @Test
        void isRetiredWhenTheSpecWasCorrected() {
            assertThat(reserved(1)
                            .incarnation(1, Running, preparing("DiskTooSmall"))
                            .osDisk("20Gi")
                            .step())
                    .isInstanceOf(VmStep.Retire.class);
        }

        @Test
        void goesOnWhenNoCatalogHasTheImagesDigest() {
            assertThat(reserved(1)
                            .incarnation(1, Running, preparing("Starting"))
                            .image(withDigest(null))
                            .step())
                    .isInstanceOf(VmStep.Wait.class);
        }

        @Test
        void isRetiredWhenTheImageWasCorrected() {
            assertThat(reserved(1)
                            .incarnation(1, Running, preparing("DigestMismatch"))
                            .image(withDigest("f".repeat(64)))
                            .step())
                    .isInstanceOf(VmStep.Retire.class);
        }

        @Test
        void thatEndedWithoutATraceIsFollowedByAFirstStart() {
            VmScene scene = reserved(1).incarnation(1, Stopped, neverRan());
            assertThat(scene.step(VmStep.ReserveEpoch.class).epoch()).isEqualTo(2L);
            assertThat(created(scene.status(changed -> changed.epoch(2L))).firstStart())
                    .isTrue();
        }

        @Test
        void thatEndedWithoutATraceIsErasedBeforeAnotherNodeIsUsed() {
            VmScene scene = reserved(1).incarnation(1, Stopped, neverRan()).silent("host-a");
            assertThat(scene.step()).isInstanceOf(VmStep.Erase.class);
            assertWaits(scene.incarnation(1, Erased, neverRan()), Reason.Starting);
            assertStartsOn(
                    "host-b", scene.incarnation(1, Erased, status(Phase.Erased).exit(Exit.NeverRan)));
        }

        @Test
        void thatNeverRanLeavesTheHomeWhereItWas() {
            VmScene scene = recorded(2).home("host-b", 1, true).incarnation(2, Stopped, neverRan());
            assertStartsOn("host-b", scene);
            assertRefused(scene.silent("host-b"), Reason.WorkingCopyElsewhere, "of host-b");
            assertStartsOn("host-a", scene.sharedLocation());
        }

        @Test
        void thatNeverRanPaysNoDebt() {
            VmScene scene = recorded(2)
                    .home("host-b", 1, false)
                    .incarnation(2, Stopped, neverRan())
                    .sharedLocation();
            assertRefused(scene.silent("host-b"), Reason.WorkingCopyElsewhere, "may be on host-b");
        }

        @Test
        void whoseTpmIsNotOnTheVmsRecordNeverRanWhateverItsNodeSaysNow() {
            VmScene scene = reserved(1).incarnation(1, Stopped, neverRan().reason("EpochSuperseded"));
            assertThat(scene.silent("host-a")
                            .step(VmStep.Erase.class)
                            .incarnation()
                            .epoch())
                    .isEqualTo(1);
            assertThat(VmPlanner.clearing(
                                    scene.facts(),
                                    scene.facts().incarnations().current().get())
                            .message())
                    .contains("its agent is not responding");
            assertStartsOn("host-b", scene.fenced("host-a"));
        }

        @Test
        void withoutAnEnvelopeGetsOne() {
            assertThat(reserved(1).incarnation(1, Running).withoutEnvelope().step())
                    .isInstanceOf(VmStep.SealEnvelope.class);
        }

        @Test
        void withoutAnEnvelopeAndWithoutAKeyIsRefused() {
            assertRefused(reserved(1).incarnation(1, Running).withoutEnvelope().key(NO_KEY), Reason.KeyMissing);
        }
    }

    @Nested
    class ARunningVm {
        @Test
        void isSettled() {
            assertThat(running().step(VmStep.Settled.class).reason()).isEqualTo(Reason.Running);
        }

        @Test
        void keepsRunningWhenItsImageIsNoLongerEligible() {
            assertThat(running()
                            .image(askedAtEveryStart(refused(Reason.NoRuleAllows)))
                            .step())
                    .isInstanceOf(VmStep.Settled.class);
        }

        @Test
        void isNotStartedElsewhereWhenItsAgentIsSilent() {
            assertWaits(running().silent("host-a"), Reason.AgentNotAlive);
        }

        @Test
        void isNotStartedElsewhereWhenItsNodeIsGone() {
            assertWaits(running().gone("host-a"), Reason.AgentNotAlive);
        }

        @Test
        void keepsItsMachineUntilItsNextStart() {
            VmScene changed = running().spec(spec -> spec.cores(4));
            assertThat(changed.step(VmStep.Settled.class).message()).isEqualTo("the guest runs on host-a (epoch 1)");
        }

        @Test
        void isStoppedWhenItIsHalted() {
            assertThat(running().strategy(RunStrategy.Halted).step()).isInstanceOf(VmStep.Retire.class);
        }

        @Test
        void isAdoptedWhenItsIncarnationIsMissing() {
            VmStep.CreateIncarnation step = recorded(1).step(VmStep.CreateIncarnation.class);
            assertThat(step.incarnation().getMetadata().getName()).isEqualTo(Vms.UID + "-1");
            assertThat(step.incarnation().getSpec().firstStart()).isFalse();
            assertThat(step.incarnation().getSpec().ekDigest()).isEqualTo(EK);
        }

        @Test
        void isAdoptedEvenIfItsKeyIsMissingToo() {
            assertThat(recorded(1)
                            .key(NO_KEY)
                            .step(VmStep.CreateIncarnation.class)
                            .sealed())
                    .isFalse();
        }

        @Test
        void getsItsFinalizerBack() {
            assertThat(running().metadata(metadata -> metadata.withFinalizers()).step())
                    .isEqualTo(new VmStep.AddFinalizer());
        }

        @Test
        void withAnotherEkThanOnRecordIsRefused() {
            assertRefused(
                    running().incarnation(1, Running, reported(Phase.Running).ekDigest("cd".repeat(32))),
                    Reason.EkMismatch);
        }
    }

    private static VMIncarnationStatusBuilder preparing(String reason) {
        return status(Phase.Preparing).reason(reason).message("because");
    }
}
