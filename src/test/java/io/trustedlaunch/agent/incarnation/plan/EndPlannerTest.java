package io.trustedlaunch.agent.incarnation.plan;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.incarnation;
import static io.trustedlaunch.agent.incarnation.plan.FactsFixture.NOW;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.completed;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.ran;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.seen;
import static io.trustedlaunch.agent.incarnation.plan.WorkingCopyState.DAMAGED;
import static io.trustedlaunch.agent.incarnation.plan.WorkingCopyState.FILE_MISSING;
import static io.trustedlaunch.agent.incarnation.plan.WorkingCopyState.NONE;
import static io.trustedlaunch.agent.incarnation.plan.WorkingCopyState.WHOLE;
import static io.trustedlaunch.testkit.Incarnations.change;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Erase;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.EraseWorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.PressPowerButton;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEnd;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RemoveCopiedDisks;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportEnded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportErased;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportSuperseded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLastState;
import io.trustedlaunch.agent.incarnation.record.ArrivalRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.testkit.Incarnations;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EndPlannerTest {
    private static final DomainState RUNNING = new DomainState.Running();
    private static final Paused PAUSED = new Paused(PauseReason.STARTING);

    @Test
    void aRunningGuestIsAskedToShutDownDuringItsGracePeriod() {
        assertThat(stopping().record(ran(1)).domain(1, RUNNING).plan())
                .isEqualTo(new PressPowerButton(NOW, NOW.plusSeconds(120)));
    }

    @Test
    void aRestartOfTheAgentDoesNotRestartTheGracePeriod() {
        VmRecord asked = ran(1).withShutdown(1, NOW.minusSeconds(113));
        PressPowerButton again = new PressPowerButton(NOW.minusSeconds(113), NOW.plusSeconds(7));

        assertThat(stopping().record(asked).domain(1, RUNNING).plan()).isEqualTo(again);
        assertThat(stopping()
                        .record(asked)
                        .domain(1, new DomainState.ShuttingDown())
                        .plan())
                .isEqualTo(again);
    }

    @Test
    void anotherGracePeriodCountsAtOnceAndFromTheFirstRequest() {
        VmRecord asked = ran(1).withShutdown(1, NOW.minusSeconds(60));

        assertThat(stoppingWithin(90).record(asked).domain(1, RUNNING).plan())
                .isEqualTo(new PressPowerButton(NOW.minusSeconds(60), NOW.plusSeconds(30)));
        assertThat(stoppingWithin(60).record(asked).domain(1, RUNNING).plan()).isEqualTo(new CutPower(Exit.PoweredOff));
        assertThat(stoppingWithin(300).record(asked).domain(1, RUNNING).plan())
                .isEqualTo(new PressPowerButton(NOW.minusSeconds(60), NOW.plusSeconds(240)));
    }

    @Test
    void withoutAGracePeriodThePowerIsCutAtOnce() {
        assertThat(stoppingWithin(0).record(ran(1)).domain(1, RUNNING).plan()).isEqualTo(new CutPower(Exit.PoweredOff));
    }

    @Test
    void aClockSetBackDoesNotExtendTheGracePeriod() {
        VmRecord asked = ran(1).withShutdown(1, NOW.plusSeconds(90_000));

        assertThat(stopping().record(asked).domain(1, RUNNING).plan())
                .isEqualTo(new PressPowerButton(NOW, NOW.plusSeconds(120)));
    }

    @Test
    void afterTheGracePeriodThePowerIsCut() {
        VmRecord asked = ran(1).withShutdown(1, NOW.minusSeconds(120));

        assertThat(stopping().record(asked).domain(1, RUNNING).plan()).isEqualTo(new CutPower(Exit.PoweredOff));
    }

    @Test
    void theGracePeriodOfAnEarlierIncarnationDoesNotCount() {
        VmRecord asked = ran(2).withShutdown(1, NOW.minusSeconds(120));

        assertThat(FactsFixture.of(incarnation(2, DesiredState.Stopped))
                        .record(asked)
                        .domain(2, RUNNING)
                        .plan())
                .isEqualTo(new PressPowerButton(NOW, NOW.plusSeconds(120)));
    }

    @Test
    void aGuestThatNeverRanIsNotAskedToShutDown() {
        assertThat(stopping().record(seen(1)).domain(1, PAUSED).plan()).isEqualTo(new CutPower(Exit.NeverRan));
    }

    @Test
    void aGuestThatMayHaveRunButWasNotReportedHasNoGracePeriod() {
        assertThat(stopping().record(ran(1)).domain(1, PAUSED).plan()).isEqualTo(new CutPower(Exit.PoweredOff));
    }

    @Test
    void aGuestThatWasPausedHasItsGracePeriod() {
        for (Phase phase : List.of(Phase.Running, Phase.Stopping)) {
            assertThat(stopping()
                            .reported(phase)
                            .record(ran(1))
                            .domain(1, PAUSED)
                            .plan())
                    .isInstanceOf(PressPowerButton.class);
        }
    }

    @Test
    void anEndIsRecordedBeforeItIsReported() {
        assertThat(stopping().record(ran(1)).gone(StopReason.GUEST_SHUTDOWN).plan())
                .isEqualTo(new RecordEnd(Exit.Shutdown));
        assertThat(stopping().record(completed(1, Exit.Shutdown)).plan())
                .isEqualTo(new ReportEnded(Exit.Shutdown, true));
        assertThat(stopping().record(seen(1)).plan()).isEqualTo(new RecordEnd(Exit.NeverRan));
        assertThat(stopping()
                        .record(seen(1).withCopyOf(1))
                        .copy(WHOLE)
                        .home("1-1")
                        .plan())
                .isEqualTo(new RecordEnd(Exit.NeverRan));
    }

    @Test
    void anIncarnationThatNeverRanHasEndedAndSaysNothingOfTheState() {
        assertThat(stopping().record(seen(1).withEnd(1, Exit.NeverRan)).plan())
                .isEqualTo(new ReportEnded(Exit.NeverRan, false));
        assertThat(FactsFixture.of(incarnation(2, DesiredState.Stopped))
                        .record(completed(1, Exit.Shutdown).withEnd(2, Exit.NeverRan))
                        .home("1-1")
                        .plan())
                .as("the state of the one before is home")
                .isEqualTo(new ReportEnded(Exit.NeverRan, false));
    }

    @Test
    void withoutARecordAnIncarnationThatReportedAGuestIsNotTakenForOneThatNeverRan() {
        FactsFixture running = stopping().laterIncarnation(2).reported(Phase.Running);

        assertThat(running.plan()).isEqualTo(new ReportSuperseded(Exit.Crashed));
        assertThat(running.domain(1, PAUSED).plan()).isEqualTo(new PressPowerButton(NOW, NOW.plusSeconds(120)));
        assertThat(stopping().laterIncarnation(2).plan()).isEqualTo(new ReportSuperseded(Exit.NeverRan));
    }

    /** Its object was gone, and restored data has brought it back. */
    @Test
    void anIncarnationThatIsForgottenHereAndHadMigratedKeepsNothingHere() {
        FactsFixture left = stopping().reported(Exit.Migrated);

        assertThat(left.record(completed(4, Exit.Shutdown)).plan()).isEqualTo(new ReportEnded(Exit.Migrated, true));
        assertThat(stopping()
                        .reported(Exit.Crashed)
                        .record(completed(4, Exit.Shutdown))
                        .plan())
                .isEqualTo(new ReportSuperseded(Exit.Crashed));
    }

    @Test
    void withoutARecordAnIncarnationStillEndsAndCountsAsOneThatRan() {
        assertThat(stopping().recordsRun()).isFalse();
        assertThat(stopping().copy(WHOLE).recordsRun()).isTrue();
        assertThat(stopping().damagedRecord().recordsRun()).isTrue();
        assertThat(erasing().damagedRecord().domain(1, RUNNING).recordsRun()).isTrue();
    }

    @Test
    void aDomainOfAnEarlierEpochStopsWithTheVm() {
        assertThat(FactsFixture.of(incarnation(2, DesiredState.Stopped))
                        .record(ran(1).seen(2))
                        .domain(1, RUNNING)
                        .plan())
                .isInstanceOf(PressPowerButton.class);
    }

    @Test
    void aVmIsErasedOnlyAfterItsDomainIsGone() {
        assertThat(erasing().record(ran(1)).domain(1, RUNNING).plan()).isInstanceOf(PressPowerButton.class);
        assertThat(erasing().record(ran(1).withEnd(1, Exit.Shutdown)).plan()).isEqualTo(new Erase(Exit.Shutdown));
    }

    @Test
    void anErasureIsReported() {
        VmRecord erased = ran(1).withEnd(1, Exit.Shutdown).erased(1, Exit.Shutdown);

        assertThat(erasing().record(erased).plan()).isEqualTo(new ReportErased(Exit.Shutdown));
    }

    @Test
    void anErasureOfALaterEpochIsAnother() {
        VmRecord erased = ran(1).erased(1, Exit.Shutdown);

        assertThat(FactsFixture.of(incarnation(2, DesiredState.Erased))
                        .record(erased.seen(2))
                        .plan())
                .isEqualTo(new Erase(Exit.NeverRan));
    }

    @Test
    void aLaterIncarnationThatIsGoneDoesNotBlockDeletion() {
        assertThat(erasing().record(seen(2)).plan()).isEqualTo(new Erase(Exit.NeverRan));
    }

    @Test
    void anEarlierIncarnationNeverErasesTheStateOfALaterOne() {
        assertThat(erasing().laterIncarnation(2).record(ran(1).seen(2)).plan())
                .isEqualTo(new ReportSuperseded(Exit.Crashed));
        assertThat(erasing().record(seen(2)).domain(2, RUNNING).plan()).isEqualTo(new ReportSuperseded(Exit.NeverRan));
    }

    @Test
    void anEarlierIncarnationRemovesTheCopyOfAGuestThatStayedAtItsSource() {
        VMIncarnation arriving = change(
                incarnation(1, DesiredState.Stopped),
                spec -> spec.arrival(new VMIncarnationSpec.Arrival(1L, "host-z", false, true)));
        VmRecord copying = seen(1).withArrival(1, new ArrivalRecord("host-z", 1, false, Optional.of("/vms")))
                .seen(2);

        assertThat(FactsFixture.of(arriving).record(copying).plan()).isEqualTo(new RecordEnd(Exit.NeverRan));
        assertThat(FactsFixture.of(arriving)
                        .record(copying.withEnd(1, Exit.NeverRan))
                        .plan())
                .isEqualTo(new RemoveCopiedDisks());
        assertThat(FactsFixture.of(arriving)
                        .record(copying.withEnd(1, Exit.NeverRan).withoutCopiedDisks(1))
                        .plan())
                .isEqualTo(new ReportSuperseded(Exit.NeverRan));
        assertThat(FactsFixture.of(arriving).record(copying.withLeftSource(1)).plan())
                .as("its source says that it has left")
                .isEqualTo(new ReportSuperseded(Exit.NeverRan));
        assertThat(FactsFixture.of(change(arriving, spec -> spec.desiredState(DesiredState.Running)))
                        .record(copying)
                        .plan())
                .as("it is not known yet whether the guest stays")
                .isEqualTo(new ReportSuperseded(Exit.NeverRan));
    }

    @Test
    void anEarlierIncarnationStopsItsOwnDomain() {
        assertThat(stopping()
                        .laterIncarnation(2)
                        .record(ran(1).seen(2))
                        .domain(1, RUNNING)
                        .plan())
                .isInstanceOf(PressPowerButton.class);
    }

    @Test
    void theLastStateIsSealedBeforeTheCopyIsErased() {
        VmRecord ended = ran(1).withEnd(1, Exit.Shutdown);

        assertThat(stopping().record(ended).copy(WHOLE).home("1-1").plan()).isEqualTo(new SealLastState(1));
        assertThat(stopping()
                        .record(completed(1, Exit.Shutdown))
                        .copy(WHOLE)
                        .home("1-1", "1-2")
                        .plan())
                .isEqualTo(new EraseWorkingCopy());
    }

    @Test
    void anUnreadableLastStateIsKeptAndReportedAsIncomplete() {
        VmRecord ended = ran(1).withEnd(1, Exit.Crashed);

        for (WorkingCopyState unreadable : List.of(DAMAGED, FILE_MISSING, NONE)) {
            assertThat(stopping().record(ended).copy(unreadable).home("1-1").plan())
                    .isEqualTo(new ReportEnded(Exit.Crashed, false));
        }
    }

    @Test
    void theLastStateOfAnEarlierIncarnationIsSealedUnderItsOwnEpoch() {
        assertThat(FactsFixture.of(incarnation(2, DesiredState.Stopped))
                        .record(ran(1).withEnd(2, Exit.NeverRan))
                        .copy(WHOLE)
                        .home("1-1")
                        .plan())
                .isEqualTo(new SealLastState(1));
    }

    @Test
    void aCopyThatNoGuestRanWithIsErasedOnlyIfItIsAtHome() {
        VmRecord prepared = seen(1).withCopyOf(1).withEnd(1, Exit.NeverRan);

        assertThat(stopping().record(prepared).copy(WHOLE).home("1-1").plan()).isEqualTo(new EraseWorkingCopy());
        assertThat(stopping().record(prepared).copy(WHOLE).plan()).isEqualTo(new ReportEnded(Exit.NeverRan, false));
    }

    @Test
    void aCopyOfUnknownAgeIsNeitherSealedNorErased() {
        VmRecord unknown = seen(1).resumed(1).withEnd(1, Exit.Crashed);

        assertThat(stopping().record(unknown).copy(WHOLE).home("1-1").plan())
                .isEqualTo(new ReportEnded(Exit.Crashed, false));
    }

    @Test
    void nothingIsSealedBeforeAnErasure() {
        assertThat(erasing()
                        .record(ran(1).withEnd(1, Exit.Shutdown))
                        .copy(WHOLE)
                        .plan())
                .isEqualTo(new Erase(Exit.Shutdown));
    }

    private static FactsFixture stopping() {
        return FactsFixture.of(incarnation(1, DesiredState.Stopped));
    }

    private static FactsFixture stoppingWithin(int seconds) {
        return FactsFixture.of(Incarnations.change(
                incarnation(1, DesiredState.Stopped), spec -> spec.terminationGracePeriodSeconds(seconds)));
    }

    private static FactsFixture erasing() {
        return FactsFixture.of(incarnation(1, DesiredState.Erased));
    }
}
