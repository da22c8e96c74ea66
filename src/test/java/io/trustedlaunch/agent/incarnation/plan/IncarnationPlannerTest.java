package io.trustedlaunch.agent.incarnation.plan;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.incarnation;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static io.trustedlaunch.agent.incarnation.plan.FactsFixture.NOW;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.completed;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.ran;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.seen;
import static io.trustedlaunch.agent.incarnation.plan.WorkingCopyState.WHOLE;
import static io.trustedlaunch.testkit.Incarnations.change;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Prepare;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEnd;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RefuseUnknownClaim;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportEnded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportPaused;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportSuperseded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Resume;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Wait;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Watch;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.testkit.Incarnations;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IncarnationPlannerTest {
    private static final Paused PREPARED = new Paused(PauseReason.STARTING);
    private static final DomainState RUNNING = new DomainState.Running();

    @Test
    void theEpochIsRecordedBeforeAnythingElse() {
        assertThat(first().recordsRun()).isFalse();
        assertThat(second().record(seen(1)).copy(WHOLE).recordsRun()).isFalse();
    }

    @Test
    void aNewPausedDomainIsResumed() {
        assertThat(first().record(seen(1).withEk("ek")).domain(1, PREPARED).plan())
                .isEqualTo(new Resume());
    }

    @Test
    void aDomainIsResumedIfTheAgentDiedAfterRecordingThat() {
        assertThat(first().reported(Phase.Prepared)
                        .record(ran(1))
                        .domain(1, PREPARED)
                        .plan())
                .isEqualTo(new Resume());
    }

    @ParameterizedTest
    @EnumSource(PauseReason.class)
    void aGuestThatWasReportedRunningAndIsPausedIsNotResumed(PauseReason reason) {
        for (Phase phase : List.of(Phase.Running, Phase.Stopping)) {
            assertThat(first().reported(phase)
                            .record(ran(1))
                            .domain(1, new Paused(reason))
                            .plan())
                    .isInstanceOf(ReportPaused.class);
        }
    }

    @Test
    void aRunningGuestIsWatched() {
        assertThat(first().record(ran(1)).domain(1, RUNNING).plan()).isEqualTo(new Watch());
    }

    @Test
    void aRunningGuestWithoutARecordIsRecordedAsOneThatRan() {
        assertThat(first().domain(1, RUNNING).recordsRun()).isTrue();
        assertThat(first().damagedRecord().domain(1, RUNNING).recordsRun()).isTrue();
        assertThat(second().record(ran(1)).domain(2, RUNNING).recordsRun()).isTrue();
    }

    @Test
    void aCrashedDomainIsCleared() {
        assertThat(first().record(ran(1)).domain(1, new DomainState.Crashed()).plan())
                .isEqualTo(new CutPower(Exit.Crashed));
        assertThat(first().record(ran(1))
                        .domain(1, new DomainState.ShutOff(StopReason.GUEST_SHUTDOWN))
                        .plan())
                .isEqualTo(new CutPower(Exit.Shutdown));
    }

    @Test
    void aDomainThatStoppedBeforeItsGuestRanIsClearedAsOneThatNeverRan() {
        for (DomainState stopped : List.of(
                new DomainState.Crashed(),
                new DomainState.ShutOff(StopReason.DESTROYED),
                new DomainState.ShuttingDown())) {
            assertThat(first().record(seen(1)).domain(1, stopped).plan()).isEqualTo(new CutPower(Exit.NeverRan));
            assertThat(FactsFixture.of(incarnation(1, DesiredState.Stopped))
                            .record(seen(1))
                            .domain(1, stopped)
                            .plan())
                    .isEqualTo(new CutPower(Exit.NeverRan));
        }
    }

    /** That boot may have been proved dead, and another node may have the VM since. */
    @Test
    void anIncarnationOfAnEarlierBootNeverRuns() {
        VMIncarnation prepared = change(incarnation(1, DesiredState.Running), spec -> spec.bootID("an-earlier-boot"));
        assertThat(FactsFixture.of(prepared)
                        .with(facts -> facts.bootID("this-boot"))
                        .record(seen(1))
                        .plan())
                .isEqualTo(new RecordEnd(Exit.NeverRan));
        assertThat(FactsFixture.of(prepared)
                        .with(facts -> facts.bootID("an-earlier-boot"))
                        .record(seen(1))
                        .plan())
                .isInstanceOf(Prepare.class);
    }

    @Test
    void twoIncarnationsNeverRun() {
        assertThat(second().record(ran(1).seen(2)).domain(1, RUNNING).refusal())
                .isEqualTo(Reason.EarlierIncarnationHere);
        assertThat(second().record(ran(1).seen(2)).domain(1, PREPARED).refusal())
                .isEqualTo(Reason.EarlierIncarnationHere);
    }

    @Test
    void aDomainThatAnEarlierIncarnationPreparedIsCleared() {
        assertThat(second().record(seen(1).seen(2)).domain(1, PREPARED).plan()).isEqualTo(new CutPower(Exit.NeverRan));
    }

    @Test
    void anEpochThatRanNeverStartsAgain() {
        assertThat(first().record(ran(1))
                        .gone(StopReason.GUEST_SHUTDOWN)
                        .copy(WHOLE)
                        .plan())
                .isEqualTo(new RecordEnd(Exit.Shutdown));
        assertThat(first().record(completed(1, Exit.Crashed)).plan()).isEqualTo(new ReportEnded(Exit.Crashed, true));
    }

    @Test
    void theReasonWhyADomainIsGoneIsAwaitedForAMoment() {
        assertThat(first().record(ran(1)).gone(StopReason.UNKNOWN).plan()).isInstanceOf(Wait.class);
        assertThat(first().record(ran(1))
                        .gone(StopReason.UNKNOWN, NOW.minus(IncarnationPlanner.STOP_EVENT_WITHIN))
                        .plan())
                .isEqualTo(new RecordEnd(Exit.Crashed));
    }

    @ParameterizedTest
    @EnumSource(StopReason.class)
    void onlyAShutdownOfTheGuestCountsAsOne(StopReason reason) {
        assertThat(IncarnationPlanner.exitOf(first().record(ran(1)).facts(), reason) == Exit.Shutdown)
                .isEqualTo(reason == StopReason.GUEST_SHUTDOWN);
    }

    @Test
    void anEarlierEpochNeverRuns() {
        assertThat(first().record(seen(2)).plan()).isEqualTo(new ReportSuperseded(Exit.NeverRan));
        assertThat(first().laterIncarnation(2).record(seen(1)).plan()).isEqualTo(new ReportSuperseded(Exit.NeverRan));
        assertThat(first().domain(2, RUNNING).plan()).isEqualTo(new ReportSuperseded(Exit.NeverRan));
    }

    @Test
    void anEarlierEpochKeepsTheEndThatItHad() {
        assertThat(first().record(ran(1).withEnd(1, Exit.Shutdown).seen(2)).plan())
                .isEqualTo(new ReportSuperseded(Exit.Shutdown));
    }

    @Test
    void aPausedDomainOfAnEarlierEpochIsCleared() {
        assertThat(first().laterIncarnation(2)
                        .record(seen(1))
                        .domain(1, PREPARED)
                        .plan())
                .isEqualTo(new CutPower(Exit.NeverRan));
    }

    @Test
    void withoutARecordNothingIsStarted() {
        assertThat(first().damagedRecord().refusal()).isEqualTo(Reason.MemoryLost);
        assertThat(first().copy(WHOLE).refusal()).isEqualTo(Reason.MemoryLost);
        assertThat(second().home("1-1", "2-1").plan()).isEqualTo(new RefuseUnknownClaim(version("2-1")));
        assertThat(first().domain(1, PREPARED).refusal()).isEqualTo(Reason.MemoryLost);
    }

    @Test
    void anIncarnationThatReportedMoreThanIsOnRecordHasRun() {
        assertThat(second().reported(Phase.Running).record(ran(1)).recordsRun()).isTrue();
        assertThat(second().reported(Phase.Running).record(ran(1).seen(2)).recordsRun())
                .isTrue();
        FactsFixture prepared = second().record(ran(1).seen(2));
        prepared.facts()
                .incarnation()
                .setStatus(Incarnations.reported(Phase.Prepared).build());
        assertThat(prepared.recordsRun()).isTrue();
        assertThat(prepared.record(ran(1).seen(2).withCopyOf(2)).refusal()).isEqualTo(Reason.TpmStateMissing);
        assertThat(prepared.record(ran(1)).recordsRun()).isTrue();
    }

    @Test
    void anIncarnationThatReportedATpmIsNotNewWhereNothingOfItIsLeft() {
        FactsFixture prepared = first().reported(Phase.Prepared);
        assertThat(prepared.recordsRun()).isFalse();
        prepared.facts()
                .incarnation()
                .setStatus(Incarnations.reported(Phase.Prepared).build());

        assertThat(prepared.refusal()).isEqualTo(Reason.TpmStateMissing);
        assertThat(first().reported(Phase.Running).plan()).isEqualTo(new ReportEnded(Exit.Crashed, false));
    }

    @Test
    void anIncarnationThatRanIsNotBegunAgainByARecordFromBeforeIt() {
        VmRecord before = completed(1, Exit.Shutdown);
        for (Phase phase : List.of(Phase.Prepared, Phase.Running, Phase.Stopping)) {
            FactsFixture ran = second().record(before).reported(phase);
            ran.facts().incarnation().setStatus(Incarnations.reported(phase).build());
            assertThat(ran.recordsRun()).isTrue();
        }
        assertThat(second().record(before).reported(Phase.Preparing).recordsRun())
                .isFalse();
    }

    @Test
    void anIncarnationThatReportedWhatAnEarlierOneLeftHasNotRun() {
        FactsFixture sealing = second().record(completed(1, Exit.Shutdown));
        sealing.facts()
                .incarnation()
                .setStatus(Incarnations.status(Phase.Preparing)
                        .guestState(
                                new SealedState(version("1-2"), "2026-03-01T12:00:00Z", null, false, version("1-2")))
                        .build());
        assertThat(sealing.recordsRun()).isFalse();
    }

    @Test
    void anIncarnationThatReportedItsEndEndsSoByARecordFromBeforeIt() {
        FactsFixture ended = second().record(completed(1, Exit.Shutdown).seen(2));
        ended.facts()
                .incarnation()
                .setStatus(
                        Incarnations.status(Phase.Stopped).exit(Exit.NeverRan).build());
        assertThat(ended.recordsRun()).isFalse();
    }

    @Test
    void noMigrationIsPlannedBeforeTheEpochIsRecorded() {
        VMIncarnation leaving = change(
                incarnation(2, DesiredState.Running),
                spec -> spec.departure(VMIncarnationSpecDepartureBuilder.builder()
                        .epoch(3L)
                        .nodeName("host-b")
                        .address("192.0.2.2")
                        .build()));
        assertThat(FactsFixture.of(leaving).record(ran(1)).recordsRun()).isFalse();
    }

    @Test
    void aNodeThatNeverHadTheVmStartsItIfTheEpochIsUnclaimed() {
        assertThat(second().home("1-1", "1-2").recordsRun()).isFalse();
        assertThat(second().unreachableHome().refusal()).isEqualTo(Reason.LocationMissing);
    }

    @Test
    void withADamagedRecordAnIncarnationThatWasReportedRunningIsOver() {
        assertThat(second().reported(Phase.Running).damagedRecord().plan())
                .isEqualTo(new ReportEnded(Exit.Crashed, false));
        assertThat(second().reported(Phase.Stopping).damagedRecord().plan())
                .isEqualTo(new ReportEnded(Exit.Crashed, false));
    }

    @Test
    void anErasedEpochAndEarlierOnesNeverBegin() {
        VmRecord erased = seen(1).erased(2, Exit.NeverRan);

        assertThat(first().record(erased).plan()).isEqualTo(new ReportSuperseded(Exit.NeverRan));
        assertThat(second().record(erased).plan()).isEqualTo(new ReportSuperseded(Exit.NeverRan));
    }

    @Test
    void aVmOfWhichAnEarlierEpochWasErasedBeginsAnew() {
        VmRecord erased = ran(1).sealed(version("1-1")).erased(1, Exit.Shutdown);
        VMIncarnation again = change(incarnation(2, DesiredState.Running), spec -> spec.firstStart(true));

        assertThat(second().record(erased).recordsRun()).isFalse();
        assertThat(FactsFixture.of(again).record(erased.seen(2)).plan())
                .isEqualTo(new Prepare(new StartSource.NewTpm()));
    }

    private static FactsFixture first() {
        return FactsFixture.of(incarnation(1, DesiredState.Running));
    }

    private static FactsFixture second() {
        return FactsFixture.of(incarnation(2, DesiredState.Running));
    }
}
