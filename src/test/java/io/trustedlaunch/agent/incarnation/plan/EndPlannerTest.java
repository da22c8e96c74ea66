package io.trustedlaunch.agent.incarnation.plan;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.incarnation;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.told;
import static io.trustedlaunch.agent.incarnation.plan.FactsFixture.NOW;
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
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEpoch;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportEnded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportErased;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportSuperseded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLastState;
import io.trustedlaunch.agent.incarnation.record.StateRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndPlannerTest {
    private static final DomainState RUNNING = new DomainState.Running();
    private static final Paused PAUSED = new Paused(PauseReason.STARTING);

    @Test
    void aRunningGuestIsAskedForTheLengthOfItsGrace() {
        assertThat(stopping().remembering(letRun(1)).domain(1, RUNNING).plan())
                .isEqualTo(new PressPowerButton(NOW.plusSeconds(120)));
    }

    @Test
    void aRestartOfTheAgentDoesNotBeginTheGraceAnew() {
        VmRecord asked = letRun(1).withShutdown(1, NOW.plusSeconds(7));

        assertThat(stopping().remembering(asked).domain(1, RUNNING).plan())
                .isEqualTo(new PressPowerButton(NOW.plusSeconds(7)));
        assertThat(stopping()
                        .remembering(asked)
                        .domain(1, new DomainState.ShuttingDown())
                        .plan())
                .isEqualTo(new PressPowerButton(NOW.plusSeconds(7)));
    }

    @Test
    void aClockThatWasSetBackLendsNoMoreThanTheGrace() {
        VmRecord asked = letRun(1).withShutdown(1, NOW.plusSeconds(90_000));

        assertThat(stopping().remembering(asked).domain(1, RUNNING).plan())
                .isEqualTo(new PressPowerButton(NOW.plusSeconds(120)));
    }

    @Test
    void afterTheGraceThePowerIsCut() {
        VmRecord asked = letRun(1).withShutdown(1, NOW);

        assertThat(stopping().remembering(asked).domain(1, RUNNING).plan()).isEqualTo(new CutPower(Exit.PoweredOff));
    }

    @Test
    void theGraceOfAnEarlierIncarnationIsNotThisOnes() {
        VmRecord asked = letRun(2).withShutdown(1, NOW);

        assertThat(FactsFixture.of(incarnation(2, DesiredState.Stopped))
                        .remembering(asked)
                        .domain(2, RUNNING)
                        .plan())
                .isEqualTo(new PressPowerButton(NOW.plusSeconds(120)));
    }

    @Test
    void aGuestThatNeverRanIsNotAsked() {
        assertThat(stopping()
                        .remembering(VmRecord.firstSeen(1))
                        .domain(1, PAUSED)
                        .plan())
                .isEqualTo(new CutPower(Exit.NeverRan));
    }

    @Test
    void aGuestThatMayHaveRunAndWasNotToldOfIsNotWaitedFor() {
        assertThat(stopping().remembering(letRun(1)).domain(1, PAUSED).plan()).isEqualTo(new CutPower(Exit.PoweredOff));
    }

    @Test
    void aGuestThatWasPausedByAnybodyHasItsGrace() {
        assertThat(FactsFixture.of(told(incarnation(1, DesiredState.Stopped), Phase.Running))
                        .remembering(letRun(1))
                        .domain(1, PAUSED)
                        .plan())
                .isInstanceOf(PressPowerButton.class);
    }

    @Test
    void anEndIsRememberedBeforeItIsTold() {
        assertThat(stopping()
                        .remembering(letRun(1))
                        .gone(StopReason.GUEST_SHUTDOWN, NOW)
                        .plan())
                .isEqualTo(new RecordEnd(Exit.Shutdown));
        assertThat(stopping().remembering(complete(1)).plan()).isEqualTo(new ReportEnded(Exit.Shutdown, true));
    }

    @Test
    void whatNeverRanHasEnded() {
        assertThat(stopping().remembering(VmRecord.firstSeen(1)).plan())
                .isEqualTo(new ReportEnded(Exit.NeverRan, true));
    }

    @Test
    void aLostRecordHoldsUpNoEndAndSaysThatTheIncarnationRan() {
        assertThat(stopping().plan()).isEqualTo(new RecordEpoch(false));
        assertThat(stopping().tpm(WorkingCopyState.WHOLE).plan()).isEqualTo(new RecordEpoch(true));
        assertThat(stopping().withDamagedMemory().plan()).isEqualTo(new RecordEpoch(true));
        assertThat(erasing().withDamagedMemory().domain(1, RUNNING).plan()).isEqualTo(new RecordEpoch(true));
    }

    @Test
    void aDomainOfAnEarlierEpochStopsWithTheVm() {
        assertThat(FactsFixture.of(incarnation(2, DesiredState.Stopped))
                        .remembering(letRun(1).seen(2))
                        .domain(1, RUNNING)
                        .plan())
                .isInstanceOf(PressPowerButton.class);
    }

    @Test
    void aVmIsErasedOnlyWhenItsDomainIsGone() {
        assertThat(erasing().remembering(letRun(1)).domain(1, RUNNING).plan()).isInstanceOf(PressPowerButton.class);
        assertThat(erasing().remembering(letRun(1).withEnd(1, Exit.Shutdown)).plan())
                .isEqualTo(new Erase(Exit.Shutdown));
    }

    @Test
    void whatIsErasedIsTold() {
        VmRecord erased = letRun(1).withEnd(1, Exit.Shutdown).tombstone();

        assertThat(erasing().remembering(erased).plan()).isEqualTo(new ReportErased(Exit.Shutdown));
    }

    @Test
    void aDeletionIsNotHeldUpByALaterIncarnationThatIsNoMore() {
        assertThat(erasing().remembering(VmRecord.firstSeen(2)).plan()).isEqualTo(new Erase(Exit.NeverRan));
    }

    @Test
    void anEarlierIncarnationNeverErasesWhatIsTheLaterOnes() {
        assertThat(erasing().laterIncarnation(2).remembering(letRun(1).seen(2)).plan())
                .isEqualTo(new ReportSuperseded(Exit.Crashed));
        assertThat(erasing()
                        .remembering(VmRecord.firstSeen(2))
                        .domain(2, RUNNING)
                        .plan())
                .isEqualTo(new ReportSuperseded(Exit.NeverRan));
    }

    @Test
    void anEarlierIncarnationStopsItsOwnDomain() {
        assertThat(stopping()
                        .laterIncarnation(2)
                        .remembering(letRun(1).seen(2))
                        .domain(1, RUNNING)
                        .plan())
                .isInstanceOf(PressPowerButton.class);
    }

    @Test
    void whatTheGuestLeftGoesHomeAndThenFromThisHostAndThenItIsTold() {
        VmRecord ended = letRun(1).withEnd(1, Exit.Shutdown);

        assertThat(stopping()
                        .remembering(ended)
                        .tpm(WorkingCopyState.WHOLE)
                        .home("1-1")
                        .plan())
                .isEqualTo(new SealLastState(1));
        assertThat(stopping()
                        .remembering(complete(1))
                        .tpm(WorkingCopyState.WHOLE)
                        .home("1-1", "1-2")
                        .plan())
                .isEqualTo(new EraseWorkingCopy());
    }

    @Test
    void aLastStateThatCannotBeReadIsKeptAndTheIncarnationIsNotCalledComplete() {
        VmRecord ended = letRun(1).withEnd(1, Exit.Crashed);

        for (WorkingCopyState unreadable :
                List.of(WorkingCopyState.DAMAGED, WorkingCopyState.FILE_MISSING, WorkingCopyState.NONE)) {
            assertThat(stopping().remembering(ended).tpm(unreadable).home("1-1").plan())
                    .isEqualTo(new ReportEnded(Exit.Crashed, false));
        }
    }

    @Test
    void whatAnEarlierIncarnationLeftGoesHomeUnderItsOwnEpoch() {
        assertThat(FactsFixture.of(incarnation(2, DesiredState.Stopped))
                        .remembering(letRun(1).seen(2))
                        .tpm(WorkingCopyState.WHOLE)
                        .home("1-1")
                        .plan())
                .isEqualTo(new SealLastState(1));
    }

    @Test
    void aCopyThatNoGuestRanWithIsErasedIfHomeHasItAndKeptIfNothingHas() {
        VmRecord prepared = VmRecord.firstSeen(1).withState(StateRecord.NONE.withCopyOf(1));

        assertThat(stopping()
                        .remembering(prepared)
                        .tpm(WorkingCopyState.WHOLE)
                        .home("1-1")
                        .plan())
                .isEqualTo(new EraseWorkingCopy());
        assertThat(stopping().remembering(prepared).tpm(WorkingCopyState.WHOLE).plan())
                .isEqualTo(new ReportEnded(Exit.NeverRan, false));
    }

    @Test
    void aCopyOfUnknownAgeIsNeitherSealedNorErased() {
        VmRecord unknown = VmRecord.firstSeen(1).resumed(1).withEnd(1, Exit.Crashed);

        assertThat(stopping()
                        .remembering(unknown)
                        .tpm(WorkingCopyState.WHOLE)
                        .home("1-1")
                        .plan())
                .isEqualTo(new ReportEnded(Exit.Crashed, false));
    }

    @Test
    void nothingIsSealedOfWhatIsToBeErased() {
        assertThat(erasing()
                        .remembering(letRun(1).withEnd(1, Exit.Shutdown))
                        .tpm(WorkingCopyState.WHOLE)
                        .plan())
                .isEqualTo(new Erase(Exit.Shutdown));
    }

    private static VmRecord complete(long epoch) {
        VmRecord ended = letRun(epoch).withEnd(epoch, Exit.Shutdown);
        return ended.withState(ended.state().completedBy(epoch));
    }

    private static FactsFixture stopping() {
        return FactsFixture.of(incarnation(1, DesiredState.Stopped));
    }

    private static FactsFixture erasing() {
        return FactsFixture.of(incarnation(1, DesiredState.Erased));
    }

    private static VmRecord letRun(long epoch) {
        return VmRecord.firstSeen(epoch)
                .withTpm()
                .withState(StateRecord.NONE.withCopyOf(epoch))
                .resumed(epoch);
    }
}
