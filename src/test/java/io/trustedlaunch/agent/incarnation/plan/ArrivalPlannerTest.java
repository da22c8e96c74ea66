package io.trustedlaunch.agent.incarnation.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.DomainState.Running;
import io.trustedlaunch.agent.incarnation.IncarnationFixture;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Arrival;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ArrivalPlannerTest {
    private static final long EPOCH = 4;
    private static final Paused ARRIVED = new Paused(PauseReason.REQUESTED);

    @Test
    void anUnknownVmIsRememberedFirst() {
        assertThat(FactsFixture.of(arriving()).home("3-2", "3-1").plan())
                .isEqualTo(new IncarnationStep.RecordEpoch(false));
    }

    @Test
    void aGuestIsReceivedWhereItsHomeIs() {
        assertThat(FactsFixture.of(arriving())
                        .remembering(seen())
                        .home("3-2", "3-1")
                        .plan())
                .isEqualTo(new IncarnationStep.PrepareArrival());
    }

    @Test
    void aGuestIsNotReceivedWhereItsHomeIsNotToBeSeen() {
        assertThat(refusal(FactsFixture.of(arriving()).remembering(seen()).home("2-1")))
                .isEqualTo(Reason.GuestStateMissing);
        assertThat(refusal(FactsFixture.of(arriving()).remembering(seen()))).isEqualTo(Reason.GuestStateMissing);
        assertThat(refusal(FactsFixture.of(arriving()).remembering(seen()).homeOutOfReach()))
                .isEqualTo(Reason.LocationMissing);
    }

    @Test
    void whatAnEarlierGuestLeftHereIsBroughtHomeBeforeAnotherComes() {
        VmRecord left = seen().resumed(1);

        assertThat(FactsFixture.of(arriving())
                        .remembering(left.withState(left.state().withCopyOf(1)))
                        .tpm(WorkingCopyState.WHOLE)
                        .home("3-1")
                        .plan())
                .isEqualTo(new IncarnationStep.SealLastState(1));
    }

    @Test
    void aGuestThatStandsHereIsNotLetRunWithoutTheWord() {
        assertThat(FactsFixture.of(arriving())
                        .remembering(expecting(false))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.AwaitArrival());
    }

    @Test
    void theWordOfEitherKindLetsItRun() {
        assertThat(FactsFixture.of(arriving())
                        .remembering(expecting(true))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.ResumeArrived());
        assertThat(FactsFixture.of(IncarnationFixture.arriving(EPOCH, DesiredState.Running, true))
                        .remembering(expecting(false))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.ResumeArrived());
    }

    @Test
    void whatIsStillBeingReceivedIsNotLetRun() {
        assertThat(FactsFixture.of(IncarnationFixture.arriving(EPOCH, DesiredState.Running, true))
                        .remembering(expecting(false))
                        .domain(EPOCH, new Paused(PauseReason.MIGRATION))
                        .underway()
                        .plan())
                .isEqualTo(new IncarnationStep.AwaitArrival());
    }

    @Test
    void theWordForAnotherEpochCountsForNothing() {
        VmRecord record = seen().withMigration(
                        MigrationRecord.NONE.withArrival(new Arrival(EPOCH - 1, "host-z", true, Optional.empty())));

        assertThat(FactsFixture.of(arriving())
                        .remembering(record)
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.AwaitArrival());
    }

    @Test
    void aDomainOfAnotherEpochIsNotTakenForTheGuest() {
        assertThat(FactsFixture.of(arriving())
                        .remembering(expecting(true).resumed(3))
                        .domain(3, ARRIVED)
                        .plan())
                .isInstanceOf(IncarnationStep.Refuse.class);
        assertThat(FactsFixture.of(arriving())
                        .remembering(expecting(true).resumed(3))
                        .domain(3, new Running())
                        .plan())
                .isInstanceOf(IncarnationStep.Refuse.class);
    }

    @Test
    void onceLetRunItIsAnIncarnationAsAnyOther() {
        VmRecord ran = expecting(true).resumed(EPOCH);

        assertThat(FactsFixture.of(arriving())
                        .remembering(ran)
                        .domain(EPOCH, new Running())
                        .plan())
                .isEqualTo(new IncarnationStep.Watch());
        assertThat(FactsFixture.of(arriving()).remembering(ran).plan()).isInstanceOf(IncarnationStep.Wait.class);
        assertThat(FactsFixture.of(IncarnationFixture.told(arriving(), Phase.Running))
                        .remembering(ran)
                        .domain(EPOCH, new Paused(PauseReason.IO_ERROR))
                        .plan())
                .isInstanceOf(IncarnationStep.ReportPaused.class);
    }

    @Test
    void oneThatWasAboutToBeLetRunWhenTheAgentDiedIsLetRun() {
        assertThat(FactsFixture.of(arriving())
                        .remembering(expecting(true).resumed(EPOCH))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.ResumeArrived());
    }

    @Test
    void aGuestThatLeftAndIsNotHereIsLost() {
        assertThat(FactsFixture.of(arriving())
                        .remembering(expecting(true))
                        .home("3-1")
                        .plan())
                .isEqualTo(new IncarnationStep.RecordEnd(Exit.Crashed));
    }

    @Test
    void whatALostGuestBroughtIsKeptForWhoeverLooksIntoIt() {
        VmRecord lost = expecting(true).withEnd(EPOCH, Exit.Crashed);

        assertThat(FactsFixture.of(arriving())
                        .remembering(lost.withState(lost.state().withCopyOf(EPOCH)))
                        .tpm(WorkingCopyState.WHOLE)
                        .home("3-1")
                        .plan())
                .isEqualTo(new IncarnationStep.SetWorkingCopyAside());
    }

    @Test
    void aGuestThatStaysWhereItIsEndsHereAndTheDoorIsClosed() {
        assertThat(FactsFixture.of(unwanted())
                        .remembering(expecting(false))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.CutPower(Exit.NeverRan));
        assertThat(FactsFixture.of(unwanted())
                        .remembering(expecting(false))
                        .home("3-1")
                        .plan())
                .isEqualTo(new IncarnationStep.RecordEnd(Exit.NeverRan));
        VmRecord over = expecting(false).withEnd(EPOCH, Exit.NeverRan);
        assertThat(over.expectedArrival()).isEmpty();
        assertThat(FactsFixture.of(unwanted())
                        .remembering(over.withState(over.state().withCopyOf(EPOCH)))
                        .tpm(WorkingCopyState.WHOLE)
                        .home("3-1")
                        .plan())
                .isEqualTo(new IncarnationStep.EraseWorkingCopy());
        assertThat(FactsFixture.of(unwanted()).remembering(over).home("3-1").plan())
                .isEqualTo(new IncarnationStep.ReportEnded(Exit.NeverRan, true));
    }

    @Test
    void aGuestThatIsNowhereElseIsLetRunBeforeItIsStopped() {
        assertThat(FactsFixture.of(unwanted())
                        .remembering(expecting(true))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.ResumeArrived());
    }

    @Test
    void withoutMemoryNothingIsLetRun() {
        assertThat(FactsFixture.of(IncarnationFixture.arriving(EPOCH, DesiredState.Running, true))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isInstanceOf(IncarnationStep.Refuse.class);
        assertThat(FactsFixture.of(IncarnationFixture.arriving(EPOCH, DesiredState.Running, true))
                        .withDamagedMemory()
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isInstanceOf(IncarnationStep.Refuse.class);
    }

    private static VMIncarnation arriving() {
        return IncarnationFixture.arriving(EPOCH, DesiredState.Running, false);
    }

    private static VMIncarnation unwanted() {
        return IncarnationFixture.arriving(EPOCH, DesiredState.Stopped, false);
    }

    private static VmRecord seen() {
        return VmRecord.firstSeen(EPOCH);
    }

    private static VmRecord expecting(boolean left) {
        VmRecord record = seen();
        return record.withState(record.state().withCopyOf(EPOCH))
                .withMigration(record.migration().withArrival(new Arrival(EPOCH, "host-z", left, Optional.empty())));
    }

    private static Reason refusal(FactsFixture sight) {
        return ((IncarnationStep.Refuse) sight.plan()).reason();
    }
}
