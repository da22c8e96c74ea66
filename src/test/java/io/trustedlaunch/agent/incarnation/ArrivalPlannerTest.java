package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.DomainState.Running;
import io.trustedlaunch.agent.incarnation.MoveRecord.Arrival;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import org.junit.jupiter.api.Test;

class ArrivalPlannerTest {
    private static final long EPOCH = 4;
    private static final Paused ARRIVED = new Paused(PauseReason.REQUESTED);

    @Test
    void anUnknownVmIsRememberedFirst() {
        assertThat(Sight.of(arriving()).home("3-2", "3-1").plan()).isEqualTo(new IncarnationStep.RememberEpoch(false));
    }

    @Test
    void aGuestIsReceivedWhereItsHomeIs() {
        assertThat(Sight.of(arriving()).remembering(seen()).home("3-2", "3-1").plan())
                .isEqualTo(new IncarnationStep.Receive());
    }

    @Test
    void aGuestIsNotReceivedWhereItsHomeIsNotToBeSeen() {
        assertThat(refusal(Sight.of(arriving()).remembering(seen()).home("2-1")))
                .isEqualTo(Reason.GuestStateMissing);
        assertThat(refusal(Sight.of(arriving()).remembering(seen()))).isEqualTo(Reason.GuestStateMissing);
        assertThat(refusal(Sight.of(arriving()).remembering(seen()).homeOutOfReach()))
                .isEqualTo(Reason.LocationMissing);
    }

    @Test
    void whatAnEarlierGuestLeftHereIsBroughtHomeBeforeAnotherComes() {
        VmRecord left = seen().resumed(1);

        assertThat(Sight.of(arriving())
                        .remembering(left.withState(left.state().withCopyOf(1)))
                        .tpm(TpmSight.WHOLE)
                        .home("3-1")
                        .plan())
                .isEqualTo(new IncarnationStep.SealLast(1));
    }

    @Test
    void aGuestThatStandsHereIsNotLetRunWithoutTheWord() {
        assertThat(Sight.of(arriving())
                        .remembering(expecting(false))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.AwaitGuest());
    }

    @Test
    void theWordOfEitherKindLetsItRun() {
        assertThat(Sight.of(arriving())
                        .remembering(expecting(true))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.TakeOver());
        assertThat(Sight.of(Lives.arriving(EPOCH, DesiredState.Running, true))
                        .remembering(expecting(false))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.TakeOver());
    }

    @Test
    void whatIsStillBeingReceivedIsNotLetRun() {
        assertThat(Sight.of(Lives.arriving(EPOCH, DesiredState.Running, true))
                        .remembering(expecting(false))
                        .domain(EPOCH, new Paused(PauseReason.MIGRATION))
                        .underway()
                        .plan())
                .isEqualTo(new IncarnationStep.AwaitGuest());
    }

    @Test
    void theWordForAnotherEpochCountsForNothing() {
        VmRecord record = seen().withMove(MoveRecord.NONE.expecting(new Arrival(EPOCH - 1, "host-z", true, null)));

        assertThat(Sight.of(arriving())
                        .remembering(record)
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.AwaitGuest());
    }

    @Test
    void aDomainOfAnotherEpochIsNotTakenForTheGuest() {
        assertThat(Sight.of(arriving())
                        .remembering(expecting(true).resumed(3))
                        .domain(3, ARRIVED)
                        .plan())
                .isInstanceOf(IncarnationStep.Refuse.class);
        assertThat(Sight.of(arriving())
                        .remembering(expecting(true).resumed(3))
                        .domain(3, new Running())
                        .plan())
                .isInstanceOf(IncarnationStep.Refuse.class);
    }

    @Test
    void onceLetRunItIsALifeAsAnyOther() {
        VmRecord ran = expecting(true).resumed(EPOCH);

        assertThat(Sight.of(arriving())
                        .remembering(ran)
                        .domain(EPOCH, new Running())
                        .plan())
                .isEqualTo(new IncarnationStep.Watch());
        assertThat(Sight.of(arriving()).remembering(ran).plan()).isInstanceOf(IncarnationStep.AwaitWord.class);
        assertThat(Sight.of(Lives.told(arriving(), Phase.Running))
                        .remembering(ran)
                        .domain(EPOCH, new Paused(PauseReason.IO_ERROR))
                        .plan())
                .isInstanceOf(IncarnationStep.TellPaused.class);
    }

    @Test
    void oneThatWasAboutToBeLetRunWhenTheAgentDiedIsLetRun() {
        assertThat(Sight.of(arriving())
                        .remembering(expecting(true).resumed(EPOCH))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.TakeOver());
    }

    @Test
    void aGuestThatLeftAndIsNotHereIsLost() {
        assertThat(Sight.of(arriving()).remembering(expecting(true)).home("3-1").plan())
                .isEqualTo(new IncarnationStep.RememberEnd(Exit.Crashed));
    }

    @Test
    void whatALostGuestBroughtIsKeptForWhoeverLooksIntoIt() {
        VmRecord lost = expecting(true).endedAs(EPOCH, Exit.Crashed);

        assertThat(Sight.of(arriving())
                        .remembering(lost.withState(lost.state().withCopyOf(EPOCH)))
                        .tpm(TpmSight.WHOLE)
                        .home("3-1")
                        .plan())
                .isEqualTo(new IncarnationStep.SetCopyAside());
    }

    @Test
    void aGuestThatStaysWhereItIsEndsHereAndTheDoorIsClosed() {
        assertThat(Sight.of(unwanted())
                        .remembering(expecting(false))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.CutPower(Exit.NeverRan));
        assertThat(Sight.of(unwanted())
                        .remembering(expecting(false))
                        .home("3-1")
                        .plan())
                .isEqualTo(new IncarnationStep.RememberEnd(Exit.NeverRan));
        VmRecord over = expecting(false).endedAs(EPOCH, Exit.NeverRan);
        assertThat(over.awaited()).isEmpty();
        assertThat(Sight.of(unwanted())
                        .remembering(over.withState(over.state().withCopyOf(EPOCH)))
                        .tpm(TpmSight.WHOLE)
                        .home("3-1")
                        .plan())
                .isEqualTo(new IncarnationStep.EraseCopy());
        assertThat(Sight.of(unwanted()).remembering(over).home("3-1").plan())
                .isEqualTo(new IncarnationStep.TellEnded(Exit.NeverRan, true));
    }

    @Test
    void aGuestThatIsNowhereElseIsLetRunBeforeItIsStopped() {
        assertThat(Sight.of(unwanted())
                        .remembering(expecting(true))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isEqualTo(new IncarnationStep.TakeOver());
    }

    @Test
    void withoutMemoryNothingIsLetRun() {
        assertThat(Sight.of(Lives.arriving(EPOCH, DesiredState.Running, true))
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isInstanceOf(IncarnationStep.Refuse.class);
        assertThat(Sight.of(Lives.arriving(EPOCH, DesiredState.Running, true))
                        .withDamagedMemory()
                        .domain(EPOCH, ARRIVED)
                        .plan())
                .isInstanceOf(IncarnationStep.Refuse.class);
    }

    private static VMIncarnation arriving() {
        return Lives.arriving(EPOCH, DesiredState.Running, false);
    }

    private static VMIncarnation unwanted() {
        return Lives.arriving(EPOCH, DesiredState.Stopped, false);
    }

    private static VmRecord seen() {
        return VmRecord.firstSeen(EPOCH);
    }

    private static VmRecord expecting(boolean left) {
        VmRecord record = seen();
        return record.withState(record.state().withCopyOf(EPOCH))
                .withMove(record.move().expecting(new Arrival(EPOCH, "host-z", left, null)));
    }

    private static Reason refusal(Sight sight) {
        return ((IncarnationStep.Refuse) sight.plan()).reason();
    }
}
