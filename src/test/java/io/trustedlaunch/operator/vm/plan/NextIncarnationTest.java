package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.operator.vm.plan.VmScene.EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What follows a life, and what follows from a life that the record does not know. */
class NextIncarnationTest {
    @Nested
    class AnEndedGuest {
        @ParameterizedTest
        @EnumSource(Exit.class)
        void ofAlwaysIsStartedAgain(Exit exit) {
            assertThat(ended(RunStrategy.Always, exit).step()).isInstanceOf(VmStep.ReserveEpoch.class);
        }

        @Test
        void thatCrashedIsStartedAgainOnFailure() {
            assertThat(ended(RunStrategy.RerunOnFailure, Exit.Crashed).step()).isInstanceOf(VmStep.ReserveEpoch.class);
        }

        @Test
        void thatWasShutDownWithItsHostIsStartedAgainOnFailure() {
            assertThat(ended(RunStrategy.RerunOnFailure, Exit.HostShutdown).step())
                    .isInstanceOf(VmStep.ReserveEpoch.class);
        }

        @Test
        void thatShutItselfDownHasSucceededOnFailure() {
            assertThat(ended(RunStrategy.RerunOnFailure, Exit.Shutdown).step())
                    .asInstanceOf(type(VmStep.Settled.class))
                    .extracting(VmStep.Settled::reason)
                    .isEqualTo(Reason.Succeeded);
        }

        @Test
        void thatSucceededIsMarkedAsStoppedWhenHaltedSoThatItCanBeStartedAgain() {
            assertThat(ended(RunStrategy.Halted, Exit.Shutdown).step()).isInstanceOf(VmStep.Retire.class);
            assertThat(running()
                            .incarnation(1, DesiredState.Stopped, Phase.Stopped, EK, Exit.Shutdown)
                            .strategy(RunStrategy.RerunOnFailure)
                            .step())
                    .isInstanceOf(VmStep.ReserveEpoch.class);
        }

        @Test
        void thatEndsAgainAndAgainWaits() {
            assertThat(ended(RunStrategy.Always, Exit.Crashed)
                            .hold(Duration.ofSeconds(20))
                            .step())
                    .asInstanceOf(type(VmStep.Wait.class))
                    .extracting(VmStep.Wait::delay)
                    .isEqualTo(Duration.ofSeconds(20));
        }

        @Test
        void whoseEkIsNotOnRecordYetIsRecordedBeforeAnythingElse() {
            assertThat(reserved(1)
                            .incarnation(1, DesiredState.Running, Phase.Stopped, EK, Exit.Crashed)
                            .step())
                    .isEqualTo(new VmStep.Record());
        }

        private static VmScene ended(RunStrategy strategy, Exit exit) {
            return running()
                    .incarnation(1, DesiredState.Running, Phase.Stopped, EK, exit)
                    .strategy(strategy);
        }
    }

    @Nested
    class AnotherStart {
        @Test
        void isOnTheSameNodeWhateverElseIsFree() {
            assertThat(stopped().step())
                    .asInstanceOf(type(VmStep.ReserveEpoch.class))
                    .extracting(VmStep.ReserveEpoch::node)
                    .isEqualTo("host-a");
        }

        @Test
        void waitsForItsNode() {
            assertRefused(stopped().silent("host-a"), Reason.WorkingCopyElsewhere);
            assertRefused(stopped().gone("host-a"), Reason.WorkingCopyElsewhere);
            assertRefused(stopped().fenced("host-a"), Reason.WorkingCopyElsewhere);
        }

        @Test
        void needsTheKeyThatThereWas() {
            assertRefused(stopped().key(new KeyFacts.Absent()), Reason.KeyMissing);
        }

        @Test
        void asksNoPolicyAgainUnlessOneWantsToBeAsked() {
            assertThat(stopped().refused(Reason.NoRuleAllows).step()).isInstanceOf(VmStep.ReserveEpoch.class);
            assertRefused(stopped().refused(Reason.NoRuleAllows).askedAtEveryStart(), Reason.NoRuleAllows);
        }

        @Test
        void doesNotNeedTheImageOrTheUserDataAnyMore() {
            assertThat(stopped()
                            .imageGone()
                            .userData(new UserDataFacts.Unusable(Reason.UserDataNotFound, "cleared away"))
                            .step())
                    .isInstanceOf(VmStep.ReserveEpoch.class);
        }

        @Test
        void takesTheImageOfTheIncarnationBefore() {
            VmStep.CreateIncarnation step = (VmStep.CreateIncarnation)
                    stopped().imageGone().onRecord("host-a", 2, EK).step();
            assertThat(step.incarnation().getSpec().machine().image().uid()).isEqualTo(VmScene.IMAGE_UID);
            assertThat(step.incarnation().getSpec().firstStart()).isFalse();
        }

        @Test
        void removesTheIncarnationBeforeOnceTheNewOneExists() {
            assertThat(stopped()
                            .onRecord("host-a", 2, EK)
                            .incarnation(2, DesiredState.Running, null)
                            .step())
                    .asInstanceOf(type(VmStep.RemoveIncarnation.class))
                    .extracting(step -> step.incarnation().epoch())
                    .isEqualTo(1L);
        }

        @Test
        void neverRemovesAnIncarnationThatIsNotOver() {
            assertThat(reserved(2)
                            .incarnation(1, DesiredState.Running, Phase.Running, EK, null)
                            .incarnation(2, DesiredState.Running, null)
                            .step())
                    .isInstanceOf(VmStep.Retire.class);
        }

        private static VmScene stopped() {
            return running().incarnation(1, DesiredState.Stopped, Phase.Stopped, EK, Exit.Shutdown);
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
            VmScene adopted = applied()
                    .withFinalizer()
                    .withKey()
                    .status(TrustedLaunchVMStatusBuilder.builder()
                            .observedGeneration(1L)
                            .nodeName("host-b")
                            .epoch(3L)
                            .build());
            VmStep.CreateIncarnation step =
                    (VmStep.CreateIncarnation) adopted.seen("host-b", 3).step();
            assertThat(step.incarnation().getSpec().firstStart()).isFalse();
        }

        @Test
        void isNotBelievedWhereTheAdoptedIncarnationNeverRanSinceOthersMayHave() {
            VmScene adopted = applied()
                    .withFinalizer()
                    .withKey()
                    .status(TrustedLaunchVMStatusBuilder.builder()
                            .observedGeneration(1L)
                            .nodeName("host-a")
                            .epoch(3L)
                            .build())
                    .incarnation(3, DesiredState.Running, Phase.Stopped, null, Exit.NeverRan);
            assertThat(adopted.step())
                    .asInstanceOf(type(VmStep.ReserveEpoch.class))
                    .extracting(VmStep.ReserveEpoch::node)
                    .isEqualTo("host-a");
            assertRefused(adopted.silent("host-a"), Reason.WorkingCopyElsewhere);
        }

        @Test
        void isTakenBackByADeletionToo() {
            assertThat(applied().withFinalizer().deleted().seen("host-b", 3).step())
                    .isEqualTo(new VmStep.Adopt("host-b", 3));
        }

        @Test
        void startsNothingWhereTheSameEpochIsSeenOnAnotherNode() {
            assertRefused(
                    reserved(1).incarnation(1, DesiredState.Running, null).seen("host-b", 1),
                    Reason.WorkingCopyElsewhere);
        }
    }

    private static void assertRefused(VmScene scene, Reason reason) {
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.Refuse.class))
                .extracting(step -> step.problem().reason())
                .isEqualTo(reason);
    }
}
