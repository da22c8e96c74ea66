package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.operator.vm.plan.VmScene.EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.OTHER_EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.trustedlaunch.api.Provenance;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
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
            assertThat(applied().withFinalizer().step()).isEqualTo(new VmStep.MakeKey());
        }

        @Test
        void thenReservesTheEpochAndRecordsTheImagesDigest() {
            assertThat(applied().withFinalizer().withKey().step())
                    .isEqualTo(new VmStep.ReserveEpoch(
                            "host-a", 1, new TrustedLaunchVMStatus.Image("ws2022", VmScene.DIGEST, Provenance.None)));
        }

        @Test
        void thenMakesTheIncarnationWithAnEnvelope() {
            VmStep.CreateIncarnation step =
                    (VmStep.CreateIncarnation) reserved(1).step();
            assertThat(step.sealed()).isTrue();
            VMIncarnationSpec spec = step.blueprint().getSpec();
            assertThat(spec.firstStart()).isTrue();
            assertThat(spec.desiredState()).isEqualTo(DesiredState.Running);
            assertThat(spec.nodeName()).isEqualTo("host-a");
            assertThat(spec.machine().image().sha256()).isEqualTo(VmScene.DIGEST);
            assertThat(spec.machine().image().uid()).isEqualTo(VmScene.IMAGE_UID);
        }

        @Test
        void makesNothingForAnIneligibleImage() {
            assertRefused(applied().refused(Reason.NoRuleAllows), Reason.NoRuleAllows);
        }

        @Test
        void makesNothingWithoutAnImage() {
            assertRefused(applied().imageGone(), Reason.ImageNotFound);
        }

        @Test
        void makesNothingInANamespaceThatIsGoingAway() {
            assertRefused(applied().namespaceTerminating(), Reason.NamespaceTerminating);
        }

        @Test
        void makesNothingWithoutItsStorageLocation() {
            assertRefused(applied().noLocations(), Reason.StorageLocationNotFound);
        }

        @Test
        void makesNothingWithoutANode() {
            assertRefused(applied().noNodes(), Reason.NoNodes);
        }

        @Test
        void makesNothingWhereNoNodeFits() {
            assertRefused(applied().silent("host-a").silent("host-b"), Reason.NoNodeFits);
        }

        @Test
        void isPutApartFromWhatItAvoids() {
            VmScene scene = applied().withFinalizer().withKey().database().otherDatabase("db-2", "host-a");
            assertThat(scene.step())
                    .asInstanceOf(type(VmStep.ReserveEpoch.class))
                    .extracting(VmStep.ReserveEpoch::node)
                    .isEqualTo("host-b");
            assertThat(scene.otherDatabase("db-3", "host-b").step())
                    .asInstanceOf(type(VmStep.Refuse.class))
                    .satisfies(refused -> {
                        assertThat(refused.obstacle().reason()).isEqualTo(Reason.NoNodeFits);
                        assertThat(refused.obstacle().message())
                                .contains("host-a: VM db-2 is there", "host-b: VM db-3 is there");
                    });
        }

        @Test
        void waitsForUserData() {
            assertWaits(
                    applied().userData(new UserDataFacts.Unusable(Reason.UserDataNotFound, "no such Secret")),
                    Reason.UserDataNotFound);
        }

        @Test
        void waitsUntilEveryNodeHasSaidWhichDomainsItHas() {
            assertWaits(applied().unanswered("host-b"), Reason.AwaitingInventory);
        }

        @Test
        void doesNotGoOnAfterTheReservationBeforeEveryNodeHasAnswered() {
            assertWaits(reserved(1).unanswered("host-b"), Reason.AwaitingInventory);
        }

        @Test
        void isMadeWithTheDigestOnRecordWhereNoCatalogKnowsItAnyMore() {
            VmStep.CreateIncarnation step =
                    (VmStep.CreateIncarnation) reserved(1).imageDigest(null).step();
            assertThat(step.blueprint().getSpec().machine().image().sha256()).isEqualTo(VmScene.DIGEST);
        }

        @Test
        void isNotMadeFromAnImageThatTookTheNameOfTheOneOnRecord() {
            assertRefused(reserved(1).imageDigest("f".repeat(64)), Reason.ImageNotFound);
        }

        @Test
        void ofAHaltedVmMakesNothing() {
            assertThat(applied().strategy(RunStrategy.Halted).step()).isInstanceOf(VmStep.Settled.class);
        }
    }

    @Nested
    class APreparation {
        @Test
        void isWaitedFor() {
            assertWaits(reserved(1).incarnation(1, DesiredState.Running, null), Reason.Starting);
        }

        @Test
        void tellsOfACopyThatTakesLong() {
            assertThat(reserved(1)
                            .incarnation(1, DesiredState.Running, told(Phase.Preparing, "Starting"))
                            .step())
                    .asInstanceOf(type(VmStep.Wait.class))
                    .extracting(step -> step.obstacle().message())
                    .isEqualTo("epoch 1 is being prepared on host-a: because");
        }

        @Test
        void tellsWhatHindersTheAgent() {
            assertWaits(
                    reserved(1).incarnation(1, DesiredState.Running, told(Phase.Preparing, "DiskTooSmall")),
                    Reason.DiskTooSmall);
        }

        @Test
        void tellsOfAReasonThatOnlyANewerAgentKnows() {
            assertWaits(
                    reserved(1).incarnation(1, DesiredState.Running, told(Phase.Preparing, "FromTomorrow")),
                    Reason.AgentFault);
        }

        @Test
        void isRetiredWhenTheSpecWasCorrected() {
            assertThat(reserved(1)
                            .incarnation(1, DesiredState.Running, told(Phase.Preparing, "DiskTooSmall"))
                            .osDisk("20Gi")
                            .step())
                    .isInstanceOf(VmStep.Retire.class);
        }

        @Test
        void goesOnWhereNoCatalogKnowsTheImagesDigestAnyMore() {
            assertThat(reserved(1)
                            .incarnation(1, DesiredState.Running, told(Phase.Preparing, "Starting"))
                            .imageDigest(null)
                            .step())
                    .isInstanceOf(VmStep.Wait.class);
        }

        @Test
        void isRetiredWhenTheImageWasCorrected() {
            assertThat(reserved(1)
                            .incarnation(1, DesiredState.Running, told(Phase.Preparing, "DigestMismatch"))
                            .imageDigest("f".repeat(64))
                            .step())
                    .isInstanceOf(VmStep.Retire.class);
        }

        @Test
        void thatEndedWithoutATraceIsFollowedByAFirstStart() {
            VmScene scene = reserved(1).incarnation(1, DesiredState.Stopped, Phase.Stopped, null, Exit.NeverRan);
            assertThat(scene.step())
                    .asInstanceOf(type(VmStep.ReserveEpoch.class))
                    .extracting(VmStep.ReserveEpoch::epoch)
                    .isEqualTo(2L);
            VmStep.CreateIncarnation create =
                    (VmStep.CreateIncarnation) scene.onRecord("host-a", 2, null).step();
            assertThat(create.blueprint().getSpec().firstStart()).isTrue();
        }

        @Test
        void thatEndedWithoutATraceIsClearedUpBeforeAnotherNodeIsUsed() {
            VmScene scene = reserved(1)
                    .incarnation(1, DesiredState.Stopped, Phase.Stopped, null, Exit.NeverRan)
                    .silent("host-a");
            assertThat(scene.step()).isInstanceOf(VmStep.Erase.class);
            assertWaits(scene.incarnation(1, DesiredState.Erased, Phase.Stopped, null, Exit.NeverRan), Reason.Starting);
            assertThat(scene.incarnation(1, DesiredState.Erased, Phase.Erased, null, Exit.NeverRan)
                            .step())
                    .asInstanceOf(type(VmStep.ReserveEpoch.class))
                    .extracting(VmStep.ReserveEpoch::node)
                    .isEqualTo("host-b");
        }

        @Test
        void thatFollowedOtherIncarnationsIsNoFirstOneThoughItNeverRan() {
            VmScene scene = reserved(2).incarnation(2, DesiredState.Stopped, Phase.Stopped, null, Exit.NeverRan);
            assertThat(scene.step()).isInstanceOf(VmStep.ReserveEpoch.class);
            assertRefused(scene.silent("host-a"), Reason.WorkingCopyElsewhere);
        }

        @Test
        void thatWasSupersededOnItsNodeTellsOfAPastAndGoesNowhereElse() {
            VmScene scene = reserved(1).silent("host-a");
            assertRefused(
                    scene.incarnation(
                            1,
                            DesiredState.Running,
                            VMIncarnationStatusBuilder.builder()
                                    .observedGeneration(1L)
                                    .phase(Phase.Stopped)
                                    .reason("EpochSuperseded")
                                    .exit(Exit.NeverRan)
                                    .build()),
                    Reason.WorkingCopyElsewhere);
        }

        @Test
        void withoutAnEnvelopeGetsOne() {
            assertThat(reserved(1)
                            .incarnation(1, DesiredState.Running, null)
                            .withoutEnvelope()
                            .step())
                    .isInstanceOf(VmStep.SealEnvelope.class);
        }

        @Test
        void withoutAnEnvelopeAndWithoutAKeyIsRefused() {
            assertRefused(
                    reserved(1)
                            .incarnation(1, DesiredState.Running, null)
                            .withoutEnvelope()
                            .key(new KeyFacts.Absent()),
                    Reason.KeyMissing);
        }
    }

    @Nested
    class ARunningVm {
        @Test
        void isSettled() {
            assertThat(running().step())
                    .asInstanceOf(type(VmStep.Settled.class))
                    .extracting(VmStep.Settled::reason)
                    .isEqualTo(Reason.Running);
        }

        @Test
        void staysWhereItIsWhenItsImageIsNoLongerEligible() {
            assertThat(running()
                            .refused(Reason.NoRuleAllows)
                            .askedAtEveryStart()
                            .step())
                    .isInstanceOf(VmStep.Settled.class);
        }

        @Test
        void staysWhenItsKeyIsGone() {
            assertThat(running().key(new KeyFacts.Absent()).step()).isInstanceOf(VmStep.Settled.class);
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
            assertThat(running().osDisk("20Gi").step())
                    .asInstanceOf(type(VmStep.Settled.class))
                    .extracting(VmStep.Settled::message)
                    .asString()
                    .contains("next start");
        }

        @Test
        void isStoppedWhenItIsHalted() {
            assertThat(running().strategy(RunStrategy.Halted).step()).isInstanceOf(VmStep.Retire.class);
        }

        @Test
        void isAdoptedWhenItsIncarnationIsMissing() {
            VmStep.CreateIncarnation step =
                    (VmStep.CreateIncarnation) withoutIncarnations().step();
            assertThat(step.blueprint().getMetadata().getName()).isEqualTo(VmScene.UID + "-1");
            assertThat(step.blueprint().getSpec().firstStart()).isFalse();
            assertThat(step.blueprint().getSpec().ekDigest()).isEqualTo(EK);
        }

        @Test
        void isAdoptedThoughItsKeyIsMissingToo() {
            VmStep.CreateIncarnation step = (VmStep.CreateIncarnation)
                    withoutIncarnations().key(new KeyFacts.Absent()).step();
            assertThat(step.sealed()).isFalse();
        }

        @Test
        void getsItsFinalizerBack() {
            assertThat(running().withoutFinalizer().step()).isEqualTo(new VmStep.AddFinalizer());
        }

        @Test
        void withAnotherEkThanOnRecordIsTouchedByNobody() {
            assertRefused(
                    running().incarnation(1, DesiredState.Running, Phase.Running, OTHER_EK, null), Reason.EkMismatch);
        }

        private static VmScene withoutIncarnations() {
            return reserved(1).onRecord("host-a", 1, EK);
        }
    }

    private static VMIncarnationStatus told(Phase phase, String reason) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .reason(reason)
                .message("because")
                .build();
    }

    private static void assertRefused(VmScene scene, Reason reason) {
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.Refuse.class))
                .extracting(step -> step.obstacle().reason())
                .isEqualTo(reason);
    }

    private static void assertWaits(VmScene scene, Reason reason) {
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.Wait.class))
                .extracting(step -> step.obstacle().reason())
                .isEqualTo(reason);
    }
}
