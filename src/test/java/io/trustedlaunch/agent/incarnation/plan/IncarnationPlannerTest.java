package io.trustedlaunch.agent.incarnation.plan;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.incarnation;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.told;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEnd;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEpoch;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Refuse;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportEnded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportPaused;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportSuperseded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Resume;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Wait;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Watch;
import io.trustedlaunch.agent.incarnation.record.StateRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IncarnationPlannerTest {
    private static final Paused NOT_YET_RUN = new Paused(PauseReason.STARTING);
    private static final DomainState RUNNING = new DomainState.Running();

    @Test
    void theEpochIsRememberedBeforeAnythingElse() {
        assertThat(first().plan()).isEqualTo(new RecordEpoch(false));
        assertThat(second().remembering(VmRecord.firstSeen(1))
                        .tpm(WorkingCopyState.WHOLE)
                        .plan())
                .isEqualTo(new RecordEpoch(false));
    }

    @Test
    void aDomainThatWasNeverLetRunIsLetRun() {
        assertThat(first().remembering(VmRecord.firstSeen(1).withTpm())
                        .domain(1, NOT_YET_RUN)
                        .plan())
                .isEqualTo(new Resume());
    }

    @Test
    void aDeathBetweenTheRecordAndTheResumeIsMadeGood() {
        VMIncarnation prepared = told(incarnation(1, DesiredState.Running), Phase.Prepared);

        assertThat(FactsFixture.of(prepared)
                        .remembering(letRun(1))
                        .domain(1, NOT_YET_RUN)
                        .plan())
                .isEqualTo(new Resume());
    }

    @ParameterizedTest
    @EnumSource(PauseReason.class)
    void aGuestThatWasToldToRunAndStandsStillIsNotResumed(PauseReason reason) {
        VMIncarnation running = told(incarnation(1, DesiredState.Running), Phase.Running);

        assertThat(FactsFixture.of(running)
                        .remembering(letRun(1))
                        .domain(1, new Paused(reason))
                        .plan())
                .isInstanceOf(ReportPaused.class);
    }

    @Test
    void aRunningGuestIsWatched() {
        assertThat(first().remembering(letRun(1)).domain(1, RUNNING).plan()).isEqualTo(new Watch());
    }

    @Test
    void aRunningGuestThatTheMemoryDoesNotKnowOfIsRememberedToHaveRun() {
        assertThat(first().domain(1, RUNNING).plan()).isEqualTo(new RecordEpoch(true));
        assertThat(first().withDamagedMemory().domain(1, RUNNING).plan()).isEqualTo(new RecordEpoch(true));
        assertThat(second().remembering(letRun(1)).domain(2, RUNNING).plan()).isEqualTo(new RecordEpoch(true));
    }

    @Test
    void aCrashedDomainIsCleared() {
        assertThat(first().remembering(letRun(1))
                        .domain(1, new DomainState.Crashed())
                        .plan())
                .isEqualTo(new CutPower(Exit.Crashed));
        assertThat(first().remembering(letRun(1))
                        .domain(1, new DomainState.ShutOff(StopReason.GUEST_SHUTDOWN))
                        .plan())
                .isEqualTo(new CutPower(Exit.Shutdown));
    }

    @Test
    void twoIncarnationsNeverRun() {
        assertThat(refusal(second().remembering(letRun(1).seen(2)).domain(1, RUNNING)))
                .isEqualTo(Reason.EarlierIncarnationHere);
        assertThat(refusal(second().remembering(letRun(1).seen(2)).domain(1, NOT_YET_RUN)))
                .isEqualTo(Reason.EarlierIncarnationHere);
    }

    @Test
    void whatAnEarlierIncarnationPreparedAndNeverLetRunIsCleared() {
        assertThat(second().remembering(VmRecord.firstSeen(1).seen(2))
                        .domain(1, NOT_YET_RUN)
                        .plan())
                .isEqualTo(new CutPower(Exit.NeverRan));
    }

    @Test
    void anEpochThatRanNeverStartsAgain() {
        assertThat(first().remembering(letRun(1))
                        .gone(StopReason.GUEST_SHUTDOWN, FactsFixture.NOW)
                        .tpm(WorkingCopyState.WHOLE)
                        .plan())
                .isEqualTo(new RecordEnd(Exit.Shutdown));
        assertThat(first().remembering(letRun(1).withEnd(1, Exit.Crashed).withState(StateRecord.NONE.completedBy(1)))
                        .plan())
                .isEqualTo(new ReportEnded(Exit.Crashed, true));
    }

    @Test
    void whoSawWhyADomainIsGoneIsWaitedForAMoment() {
        assertThat(first().remembering(letRun(1))
                        .gone(StopReason.UNKNOWN, FactsFixture.NOW)
                        .plan())
                .isInstanceOf(Wait.class);
        assertThat(first().remembering(letRun(1))
                        .gone(StopReason.UNKNOWN, FactsFixture.NOW.minus(IncarnationPlanner.STOP_EVENT_WITHIN))
                        .plan())
                .isEqualTo(new RecordEnd(Exit.Crashed));
    }

    @ParameterizedTest
    @EnumSource(StopReason.class)
    void onlyAShutdownOfTheGuestCountsAsOne(StopReason reason) {
        assertThat(IncarnationPlanner.exitOf(first().remembering(letRun(1)).facts(), reason) == Exit.Shutdown)
                .isEqualTo(reason == StopReason.GUEST_SHUTDOWN);
    }

    @Test
    void anEarlierEpochNeverRuns() {
        assertThat(first().remembering(VmRecord.firstSeen(2)).plan()).isEqualTo(new ReportSuperseded(Exit.NeverRan));
        assertThat(first().laterIncarnation(2)
                        .remembering(VmRecord.firstSeen(1))
                        .plan())
                .isEqualTo(new ReportSuperseded(Exit.NeverRan));
        assertThat(first().domain(2, RUNNING).plan()).isEqualTo(new ReportSuperseded(Exit.NeverRan));
    }

    @Test
    void anEarlierEpochKeepsTheEndThatItHad() {
        assertThat(first().remembering(letRun(1).withEnd(1, Exit.Shutdown).seen(2))
                        .plan())
                .isEqualTo(new ReportSuperseded(Exit.Shutdown));
    }

    @Test
    void aPausedDomainOfAnEarlierEpochIsClearedAndNotLetRun() {
        assertThat(first().laterIncarnation(2)
                        .remembering(VmRecord.firstSeen(1))
                        .domain(1, NOT_YET_RUN)
                        .plan())
                .isEqualTo(new CutPower(Exit.NeverRan));
    }

    @Test
    void withoutMemoryNothingIsStarted() {
        assertThat(refusal(first().withDamagedMemory())).isEqualTo(Reason.MemoryLost);
        assertThat(refusal(first().tpm(WorkingCopyState.WHOLE))).isEqualTo(Reason.MemoryLost);
        assertThat(refusal(second().home("1-1", "2-1"))).isEqualTo(Reason.MemoryLost);
        assertThat(refusal(first().domain(1, NOT_YET_RUN))).isEqualTo(Reason.MemoryLost);
    }

    @Test
    void aNodeThatNeverHadTheVmStartsItWhereNobodyHasClaimedTheEpoch() {
        assertThat(second().home("1-1", "1-2").plan()).isEqualTo(new RecordEpoch(false));
        assertThat(refusal(second().homeOutOfReach())).isEqualTo(Reason.LocationMissing);
    }

    @Test
    void withoutMemoryAnIncarnationThatWasToldToRunIsOver() {
        assertThat(FactsFixture.of(told(incarnation(1, DesiredState.Running), Phase.Running))
                        .plan())
                .isInstanceOf(IncarnationStep.class);
        assertThat(FactsFixture.of(told(incarnation(2, DesiredState.Running), Phase.Running))
                        .withDamagedMemory()
                        .plan())
                .isEqualTo(new ReportEnded(Exit.Crashed, false));
    }

    @Test
    void anErasedVmNeverComesBack() {
        VmRecord erased = VmRecord.firstSeen(1).tombstone();

        assertThat(second().remembering(erased).plan()).isEqualTo(new ReportSuperseded(Exit.NeverRan));
    }

    private static FactsFixture first() {
        return FactsFixture.of(incarnation(1, DesiredState.Running));
    }

    private static FactsFixture second() {
        return FactsFixture.of(incarnation(2, DesiredState.Running));
    }

    private static VmRecord letRun(long epoch) {
        return VmRecord.firstSeen(epoch)
                .withTpm()
                .withState(StateRecord.NONE.withCopyOf(epoch))
                .resumed(epoch);
    }

    private static Reason refusal(FactsFixture sight) {
        IncarnationStep step = sight.plan();
        assertThat(step).isInstanceOf(Refuse.class);
        return ((Refuse) step).reason();
    }
}
