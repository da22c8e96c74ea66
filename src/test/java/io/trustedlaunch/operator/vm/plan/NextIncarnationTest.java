package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.askedAtEveryStart;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.missing;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.refused;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.NO_KEY;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Incarnations;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What follows an incarnation, and what follows from one that the record does not know. */
class NextIncarnationTest {
    @Nested
    class AnEndedGuest {
        @ParameterizedTest
        @EnumSource(Exit.class)
        void ofAlwaysIsStartedAgain(Exit exit) {
            assertThat(endedUnder(RunStrategy.Always, exit).step()).isInstanceOf(VmStep.ReserveEpoch.class);
        }

        @Test
        void thatCrashedIsStartedAgainOnFailure() {
            assertThat(endedUnder(RunStrategy.RerunOnFailure, Exit.Crashed).step())
                    .isInstanceOf(VmStep.ReserveEpoch.class);
        }

        @Test
        void thatWasShutDownWithItsHostIsStartedAgainOnFailure() {
            assertThat(endedUnder(RunStrategy.RerunOnFailure, Exit.HostShutdown).step())
                    .isInstanceOf(VmStep.ReserveEpoch.class);
        }

        @Test
        void thatShutItselfDownHasSucceededOnFailure() {
            assertThat(endedUnder(RunStrategy.RerunOnFailure, Exit.Shutdown)
                            .step(VmStep.Settled.class)
                            .reason())
                    .isEqualTo(Reason.Succeeded);
        }

        @Test
        void thatSucceededIsMarkedAsStoppedWhenHaltedSoThatItCanBeStartedAgain() {
            assertThat(endedUnder(RunStrategy.Halted, Exit.Shutdown).step()).isInstanceOf(VmStep.Retire.class);
            assertThat(running()
                            .incarnation(1, Stopped, ended(Exit.Shutdown))
                            .strategy(RunStrategy.RerunOnFailure)
                            .step())
                    .isInstanceOf(VmStep.ReserveEpoch.class);
        }

        @Test
        void thatEndsAgainAndAgainWaits() {
            assertThat(endedUnder(RunStrategy.Always, Exit.Crashed)
                            .startHold(Optional.of(Duration.ofSeconds(20)))
                            .step(VmStep.Wait.class)
                            .delay())
                    .isEqualTo(Duration.ofSeconds(20));
        }

        @Test
        void whoseEkIsNotOnRecordIsRecordedFirst() {
            assertThat(reserved(1).incarnation(1, Running, ended(Exit.Crashed)).step())
                    .isEqualTo(new VmStep.Record());
        }

        private static VmScene endedUnder(RunStrategy strategy, Exit exit) {
            return running().incarnation(1, Running, ended(exit)).strategy(strategy);
        }
    }

    @Nested
    class AnotherStart {
        @Test
        void isOnTheSameNode() {
            assertThat(stopped().step(VmStep.ReserveEpoch.class).node()).isEqualTo("host-a");
        }

        @Test
        void waitsForItsNode() {
            assertRefused(stopped().silent("host-a"), Reason.WorkingCopyElsewhere);
            assertRefused(stopped().gone("host-a"), Reason.WorkingCopyElsewhere);
            assertRefused(stopped().outOfService("host-a"), Reason.WorkingCopyElsewhere);
        }

        @Test
        void needsTheKeyThatThereWas() {
            assertRefused(stopped().key(NO_KEY), Reason.KeyMissing);
        }

        @Test
        void isCheckedAgainstPoliciesOnlyIfOneAsksForIt() {
            assertThat(stopped().image(refused(Reason.NoRuleAllows)).step()).isInstanceOf(VmStep.ReserveEpoch.class);
            assertRefused(stopped().image(askedAtEveryStart(refused(Reason.NoRuleAllows))), Reason.NoRuleAllows);
        }

        @Test
        void doesNotNeedTheImageOrTheUserDataAnyMore() {
            assertThat(stopped()
                            .image(missing())
                            .offers(offers -> offers.userData(
                                    new UserDataFacts.Unusable(Reason.UserDataNotFound, "cleared away")))
                            .step())
                    .isInstanceOf(VmStep.ReserveEpoch.class);
        }

        @Test
        void takesTheImageOfTheIncarnationBefore() {
            VMIncarnationSpec spec = created(stopped().image(missing()).onRecord("host-a", 2));
            assertThat(spec.machine().image().uid()).isEqualTo(GuestImages.UID);
            assertThat(spec.firstStart()).isFalse();
        }

        @Test
        void removesTheIncarnationBeforeOnceTheNewOneExists() {
            VmScene scene = stopped().onRecord("host-a", 2).incarnation(2, Running);
            assertThat(scene.step()).isEqualTo(new VmStep.Record());
            assertThat(scene.written()
                            .step(RemovalStep.RemoveIncarnation.class)
                            .incarnation()
                            .epoch())
                    .isEqualTo(1L);
        }

        @Test
        void keepsTheIncarnationBeforeUntilItIsOver() {
            assertThat(reserved(2)
                            .incarnation(1, Running, reported(Phase.Running))
                            .incarnation(2, Running)
                            .step())
                    .isInstanceOf(VmStep.Retire.class);
        }

        @Test
        void saysWhatEndsTheIncarnationThatItWaitsFor() {
            VmScene next = reserved(2)
                    .incarnation(1, Stopped, reported(Phase.Stopping))
                    .incarnation(1, spec -> spec.terminationGracePeriodSeconds(0))
                    .incarnation(2, Stopped, ended(Exit.Shutdown))
                    .written();
            assertWaits(next, Reason.Restarting, "its agent does both");
            assertWaits(next.silent("host-a"), Reason.Restarting, "check that the host and its agent are running");
        }

        private static VmScene stopped() {
            return running().incarnation(1, Stopped, ended(Exit.Shutdown));
        }
    }

    @Nested
    class ARecordOlderThanTheWorld {
        @Test
        void followsTheNodeThatHasALaterIncarnation() {
            assertThat(applied().seen("host-b", 3).step()).isEqualTo(new VmStep.Adopt("host-b", 3));
            assertThat(running().seen("host-b", 3).step()).isEqualTo(new VmStep.Adopt("host-b", 3));
        }

        @Test
        void isNotBelievedWhereAnIncarnationWasAdopted() {
            assertThat(created(adopted("host-b").seen("host-b", 3)).firstStart())
                    .isFalse();
        }

        @Test
        void isNotBelievedWhereTheAdoptedIncarnationNeverRanSinceOthersMayHave() {
            VmScene adopted = adopted("host-a").incarnation(3, Running, neverRan());
            assertThat(adopted.step(VmStep.ReserveEpoch.class).node()).isEqualTo("host-a");
            assertRefused(adopted.silent("host-a"), Reason.WorkingCopyElsewhere);
        }

        @Test
        void isTakenBackByADeletionToo() {
            assertThat(applied().withFinalizer().deleted().seen("host-b", 3).step())
                    .isEqualTo(new VmStep.Adopt("host-b", 3));
        }

        @Test
        void startsNothingWhereTheSameEpochIsSeenOnAnotherNode() {
            assertRefused(reserved(1).incarnation(1, Running).seen("host-b", 1), Reason.WorkingCopyElsewhere);
        }

        @Test
        void givesWayToTheSameEpochOnAnotherNodeIfItsOwnNeverRan() {
            assertThat(reserved(1)
                            .incarnation(1, Running, reported(Phase.Prepared))
                            .seen("host-b", 1)
                            .step())
                    .isInstanceOf(VmStep.Retire.class);
            assertThat(reserved(1)
                            .incarnation(1, Stopped, neverRan())
                            .seen("host-b", 1)
                            .step())
                    .isEqualTo(new VmStep.Adopt("host-b", 1));
            assertThat(adopted("host-b")
                            .incarnation(3, Stopped, neverRan())
                            .seen("host-b", 3)
                            .step())
                    .isInstanceOf(RemovalStep.RemoveIncarnation.class);
        }

        @Test
        void givesWayToTheSameEpochOnAnotherNodeIfItsOwnMayHaveRunAndAUserApprovedAState() {
            VmScene contradicted =
                    running().incarnation(1, Stopped, ended(Exit.Crashed)).seen("host-b", 1);

            assertRefused(contradicted, Reason.WorkingCopyElsewhere);
            assertThat(contradicted.approves(1, 1).step()).isEqualTo(new VmStep.Adopt("host-b", 1));
        }

        @Test
        void isStoppedOnRequestAlthoughAnotherNodeReportsTheSameEpoch() {
            assertThat(running().seen("host-b", 1).strategy(RunStrategy.Halted).step())
                    .isInstanceOf(VmStep.Retire.class);
        }

        @Test
        void isNotCreatedWhileAnEarlierOneRuns() {
            VmScene scene = running().onRecord("host-b", 2);

            assertThat(scene.step(VmStep.Retire.class).incarnation().epoch()).isEqualTo(1);
            assertThat(scene.incarnation(1, Stopped, reported(Phase.Running)).step())
                    .isInstanceOf(VmStep.Wait.class);
            assertThat(scene.seen("host-b", 2).step())
                    .as("its guest is there already")
                    .isInstanceOf(VmStep.CreateIncarnation.class);
        }

        @Test
        void isLaterThanWhatAnAgentFoundAtHomeAndWhatAnyNodeReports() {
            assertThat(running()
                            .incarnation(1, Stopped, neverRan().guestState(sealed(7, 1)))
                            .facts()
                            .nextEpoch())
                    .isEqualTo(8);
            assertThat(running().seen("host-b", 5).facts().nextEpoch()).isEqualTo(6);
        }

        @Test
        void hasItsHomeWhereTheAdoptedIncarnationMayHaveRun() {
            assertThat(running()
                            .home("host-a", 1, true)
                            .seen("host-b", 3)
                            .newStatus()
                            .guestState()
                            .home())
                    .isEqualTo(new Home("default", "host-b", 3L, false, Incarnations.CLUSTER));
        }

        @Test
        void isNoFirstStartWhereAnIncarnationFoundAState() {
            VmScene scene = applied()
                    .withFinalizer()
                    .withKey()
                    .onRecord("host-a", 3)
                    .status(changed -> changed.vTPM(null))
                    .incarnation(3, Stopped, neverRan().guestState(sealed(1, 2)));
            assertThat(scene.facts().incarnations().isFirstStart()).isFalse();
            assertThat(scene.facts().guestState().home().unsealedOn()).contains("host-a");
        }

        /** Epoch 3, of which nothing else is on record. */
        private static VmScene adopted(String node) {
            return applied()
                    .withFinalizer()
                    .withKey()
                    .status(TrustedLaunchVMStatusBuilder.builder()
                            .observedGeneration(1L)
                            .nodeName(node)
                            .epoch(3L)
                            .build())
                    .home(node, 3, false);
        }
    }
}
