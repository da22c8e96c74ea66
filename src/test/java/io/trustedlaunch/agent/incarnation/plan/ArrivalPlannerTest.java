package io.trustedlaunch.agent.incarnation.plan;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.incarnation;
import static io.trustedlaunch.agent.incarnation.plan.WorkingCopyState.WHOLE;
import static io.trustedlaunch.testkit.Incarnations.change;
import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.disks.DiskTransferMark;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.DomainState.Running;
import io.trustedlaunch.agent.hypervisor.DomainState.ShuttingDown;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.AwaitArrival;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.EraseWorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.KeepCopiedDisks;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.PrepareArrival;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEnd;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Refuse;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportEnded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportPaused;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportReceived;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ResumeArrived;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLastState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SetWorkingCopyAside;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Wait;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Watch;
import io.trustedlaunch.agent.incarnation.record.ArrivalRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ArrivalPlannerTest {
    private static final long EPOCH = 4;
    private static final Paused ARRIVED = new Paused(PauseReason.REQUESTED);

    @Test
    void anUnknownVmIsRecordedFirst() {
        assertThat(arriving().home("3-2", "3-1").recordsRun()).isFalse();
    }

    @Test
    void aGuestIsReceivedWhereItsHomeIs() {
        assertThat(arriving().record(seen()).home("3-2", "3-1").plan()).isEqualTo(new PrepareArrival());
    }

    @Test
    void aGuestIsNotReceivedAgainWhereNothingIsLeftOfItsPreparation() {
        assertThat(prepared(Phase.Receiving).recordsRun()).isFalse();
        assertThat(prepared(Phase.Received).recordsRun()).isFalse();
        FactsFixture over = prepared(Phase.Stopped);
        over.facts().incarnation().setStatus(neverRan().build());
        assertThat(over.recordsRun()).isFalse();
    }

    private static FactsFixture prepared(Phase reported) {
        return arriving().record(seen()).home("3-2", "3-1").reported(reported);
    }

    @Test
    void aGuestIsReceivedWhereAnEarlierEpochWasErased() {
        VmRecord erased = RecordFixture.ran(1).erased(1, Exit.NeverRan);

        assertThat(arriving().record(erased).home("3-1").recordsRun()).isFalse();
        assertThat(arriving().record(erased.seen(EPOCH)).home("3-1").plan()).isEqualTo(new PrepareArrival());
    }

    @Test
    void aGuestIsNotReceivedWithoutItsHome() {
        assertThat(arriving().record(seen()).home("2-1").refusal()).isEqualTo(Reason.GuestStateMissing);
        assertThat(arriving().record(seen()).refusal()).isEqualTo(Reason.GuestStateMissing);
        assertThat(arriving().record(seen()).unreachableHome().refusal()).isEqualTo(Reason.LocationMissing);
    }

    @Test
    void theLastStateOfAnEarlierGuestIsSealedBeforeAnotherArrives() {
        assertThat(arriving()
                        .record(seen().resumed(1).withCopyOf(1))
                        .copy(WHOLE)
                        .home("3-1")
                        .plan())
                .isEqualTo(new SealLastState(1));
    }

    @Test
    void anArrivedGuestIsNotResumedBeforeItHasLeftItsSource() {
        assertThat(arriving().record(expecting(false)).domain(EPOCH, ARRIVED).plan())
                .isEqualTo(new AwaitArrival());
    }

    /**
     * libvirt ends QEMU when the connection of the migration is lost, which may take seconds. The guest is still on its source.
     */
    @Test
    void aDomainThatIsEndedBeforeItsGuestHasLeftTheSourceIsNoGuestThatRuns() {
        for (DesiredState desired : List.of(DesiredState.Running, DesiredState.Stopped)) {
            assertThat(facts(desired, false)
                            .record(expecting(false))
                            .domain(EPOCH, new ShuttingDown())
                            .plan())
                    .isEqualTo(new CutPower(Exit.NeverRan));
        }
    }

    @Test
    void anArrivedGuestIsResumedOnceItsSourceOrTheOperatorSaysThatItHasLeft() {
        assertThat(arriving().record(expecting(true)).domain(EPOCH, ARRIVED).plan())
                .isEqualTo(new ResumeArrived());
        assertThat(departed().record(expecting(false)).domain(EPOCH, ARRIVED).plan())
                .isEqualTo(new ResumeArrived());
    }

    @Test
    void aGuestThatIsStillArrivingIsNotResumed() {
        assertThat(departed()
                        .record(expecting(false))
                        .domain(EPOCH, new Paused(PauseReason.MIGRATION))
                        .with(facts -> facts.underway(Optional.of(new MigrationProgress(1, 1, 2))))
                        .plan())
                .isEqualTo(new AwaitArrival());
    }

    @Test
    void aGuestThatIsNotWholeIsNotResumed() {
        assertThat(departed()
                        .record(expecting(true))
                        .domain(EPOCH, new Paused(PauseReason.MIGRATION))
                        .plan())
                .isEqualTo(new AwaitArrival());
        assertThat(facts(DesiredState.Stopped, true)
                        .record(expecting(true))
                        .domain(EPOCH, new Paused(PauseReason.MIGRATION))
                        .plan())
                .isEqualTo(new CutPower(Exit.NeverRan));
    }

    @Test
    void aWholeGuestIsReportedOnlyIfItWaitsLong() {
        FactsFixture whole = arriving().record(expecting(false)).domain(EPOCH, ARRIVED);
        Instant since = FactsFixture.NOW.minus(ArrivalPlanner.HANDOFF_WITHIN);

        assertThat(whole.with(facts -> facts.receivedSince(Optional.of(since.plusMillis(1))))
                        .plan())
                .isEqualTo(new AwaitArrival());
        assertThat(whole.with(facts -> facts.receivedSince(Optional.of(since))).plan())
                .isEqualTo(new ReportReceived());
    }

    @Test
    void aWholeGuestThatWasReportedStaysReportedAsLongAsItIsHere() {
        FactsFixture reported = arriving().record(expecting(false)).reported(Phase.Received);

        assertThat(reported.home("3-1").plan()).as("it is gone").isEqualTo(new PrepareArrival());
        assertThat(reported.domain(EPOCH, ARRIVED).plan()).isEqualTo(new ReportReceived());
        assertThat(reported.record(expecting(true)).plan()).isEqualTo(new ResumeArrived());
        assertThat(reported.record(expecting(false))
                        .domain(EPOCH, new Paused(PauseReason.MIGRATION))
                        .plan())
                .as("another attempt to send it")
                .isEqualTo(new AwaitArrival());
    }

    @Test
    void thatAnotherEpochHasLeftDoesNotCount() {
        VmRecord record = seen().withArrival(EPOCH - 1, new ArrivalRecord("host-z", EPOCH - 1, true, Optional.empty()));

        assertThat(arriving().record(record).domain(EPOCH, ARRIVED).plan()).isEqualTo(new AwaitArrival());
    }

    @Test
    void aDomainOfAnotherEpochIsNotTakenForTheGuest() {
        assertThat(arriving()
                        .record(expecting(true).resumed(3))
                        .domain(3, ARRIVED)
                        .plan())
                .isInstanceOf(Refuse.class);
        assertThat(arriving()
                        .record(expecting(true).resumed(3))
                        .domain(3, new Running())
                        .plan())
                .isInstanceOf(Refuse.class);
    }

    @Test
    void onceResumedItIsAnIncarnationLikeAnyOther() {
        VmRecord ran = expecting(true).resumed(EPOCH);

        assertThat(arriving().record(ran).domain(EPOCH, new Running()).plan()).isEqualTo(new Watch());
        assertThat(arriving().record(ran).plan()).isInstanceOf(Wait.class);
        assertThat(arriving()
                        .reported(Phase.Running)
                        .record(ran)
                        .domain(EPOCH, new Paused(PauseReason.IO_ERROR))
                        .plan())
                .isInstanceOf(ReportPaused.class);
    }

    @Test
    void aGuestThatWasAboutToBeResumedWhenTheAgentDiedIsResumed() {
        assertThat(arriving()
                        .record(expecting(true).resumed(EPOCH))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new ResumeArrived());
    }

    @Test
    void aGuestThatHasLeftItsSourceAndIsNotHereNeverRanHere() {
        assertThat(arriving().record(expecting(true)).home("3-1").plan()).isEqualTo(new RecordEnd(Exit.NeverRan));
        assertThat(unwanted().record(expecting(true)).home("3-1").plan()).isEqualTo(new RecordEnd(Exit.NeverRan));
    }

    /** What is here of a lost guest goes with its object: until then, its source may be lost, too. */
    @Test
    void copiedDisksBelongToAGuestThatWasAboutToRun() {
        VmRecord copied = seen().withArrival(EPOCH, new ArrivalRecord("host-z", EPOCH - 1, true, Optional.of("/vms")));
        assertThat(marked(copied.resumed(EPOCH).withEnd(EPOCH, Exit.Crashed)).plan())
                .isEqualTo(new KeepCopiedDisks());
        assertThat(marked(copied.withEnd(EPOCH, Exit.NeverRan)).plan())
                .isEqualTo(new ReportEnded(Exit.NeverRan, false));
    }

    private static FactsFixture marked(VmRecord record) {
        return arriving()
                .record(record)
                .home("3-1")
                .with(facts -> facts.diskTransferMark(Optional.of(new DiskTransferMark("host-a", EPOCH))));
    }

    @Test
    void theCopyOfALostGuestIsSetAside() {
        assertThat(arriving()
                        .record(expecting(true).withEnd(EPOCH, Exit.NeverRan))
                        .copy(WHOLE)
                        .home("3-1")
                        .plan())
                .isEqualTo(new SetWorkingCopyAside());
    }

    @Test
    void anIncarnationWhoseGuestStaysAtItsSourceEnds() {
        assertThat(unwanted().record(expecting(false)).domain(EPOCH, ARRIVED).plan())
                .isEqualTo(new CutPower(Exit.NeverRan));
        assertThat(unwanted().record(expecting(false)).home("3-1").plan()).isEqualTo(new RecordEnd(Exit.NeverRan));
        VmRecord over = expecting(false).withEnd(EPOCH, Exit.NeverRan);
        assertThat(over.of(EPOCH).expectsGuest()).isFalse();
        assertThat(unwanted().record(over).copy(WHOLE).home("3-1").plan()).isEqualTo(new EraseWorkingCopy());
        assertThat(unwanted().record(over).home("3-1").plan()).isEqualTo(new ReportEnded(Exit.NeverRan, false));
    }

    @Test
    void aGuestThatHasLeftItsSourceIsResumedBeforeItIsStopped() {
        assertThat(unwanted().record(expecting(true)).domain(EPOCH, ARRIVED).plan())
                .isEqualTo(new ResumeArrived());
    }

    @Test
    void withoutARecordNothingIsResumed() {
        assertThat(departed().domain(EPOCH, ARRIVED).plan()).isInstanceOf(Refuse.class);
        assertThat(departed().damagedRecord().domain(EPOCH, ARRIVED).plan()).isInstanceOf(Refuse.class);
    }

    private static FactsFixture arriving() {
        return facts(DesiredState.Running, false);
    }

    /** The operator says that the guest has left its source. */
    private static FactsFixture departed() {
        return facts(DesiredState.Running, true);
    }

    private static FactsFixture unwanted() {
        return facts(DesiredState.Stopped, false);
    }

    private static FactsFixture facts(DesiredState desired, boolean left) {
        return FactsFixture.of(change(
                incarnation(EPOCH, desired),
                spec -> spec.arrival(new VMIncarnationSpec.Arrival(EPOCH - 1, "host-z", left, false))));
    }

    private static VmRecord seen() {
        return RecordFixture.seen(EPOCH);
    }

    /** @param left the agent of the source says that the guest has left it */
    private static VmRecord expecting(boolean left) {
        return seen().withCopyOf(EPOCH)
                .withArrival(EPOCH, new ArrivalRecord("host-z", EPOCH - 1, left, Optional.empty()));
    }
}
