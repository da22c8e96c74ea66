package io.trustedlaunch.agent.incarnation.plan;

import static io.trustedlaunch.agent.incarnation.plan.FactsFixture.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.incarnation.IncarnationFixture;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.EraseWorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Prepare;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Refuse;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RefuseLaterState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLastState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SetWorkingCopyAside;
import io.trustedlaunch.agent.incarnation.record.StateRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which state a start is from, and when there is none. */
class StartPlannerTest {
    private static final VmRecord NEW = VmRecord.firstSeen(1);

    @Test
    void aFirstStartMakesTheTpm() {
        assertThat(first().remembering(NEW).plan()).isEqualTo(new Prepare(new StartSource.NewTpm()));
    }

    @Test
    void aTpmThatACrashLeftBehindAtTheFirstStartIsUsed() {
        VmRecord making = NEW.withState(StateRecord.NONE.withCopyOf(1));

        assertThat(first().remembering(making).tpm(WorkingCopyState.WHOLE).plan())
                .isEqualTo(new Prepare(new StartSource.TpmMadeHere()));
        assertThat(second(null, null)
                        .remembering(making.seen(2))
                        .tpm(WorkingCopyState.WHOLE)
                        .plan())
                .isEqualTo(new Prepare(new StartSource.TpmMadeHere()));
        assertThat(refusal(first().remembering(making).tpm(WorkingCopyState.FILE_MISSING)))
                .isEqualTo(Reason.TpmStateMissing);
        assertThat(refusal(first().remembering(making).tpm(WorkingCopyState.DAMAGED)))
                .isEqualTo(Reason.TpmStateDamaged);
    }

    @Test
    void aTpmThatWasMadeOnceIsNeverMadeAgain() {
        assertThat(refusal(first().remembering(NEW.withTpm()))).isEqualTo(Reason.TpmStateMissing);
        assertThat(refusal(second(null, null).remembering(VmRecord.firstSeen(2))))
                .isEqualTo(Reason.TpmStateMissing);
    }

    @Test
    void aHomeThatIsEmptyThoughSomethingWasSealedIsRefused() {
        assertThat(refusal(second("1-1", null).remembering(VmRecord.firstSeen(2))))
                .isEqualTo(Reason.GuestStateMissing);
        assertThat(refusal(second(null, null).remembering(stopped("1-3")))).isEqualTo(Reason.GuestStateMissing);
        assertThat(refusal(first().remembering(NEW.withState(StateRecord.NONE.sealed(version("1-1"))))))
                .isEqualTo(Reason.GuestStateMissing);
    }

    @Test
    void aStartIsFromTheNewestAtHome() {
        assertThat(second("1-1", null)
                        .remembering(stopped("1-3"))
                        .home("1-2", "1-10", "1-9")
                        .plan())
                .isEqualTo(from("1-10"));
    }

    @Test
    void aHomeThatWasTurnedBackIsRefused() {
        assertThat(refusal(
                        second("1-5", null).remembering(VmRecord.firstSeen(2)).home("1-3", "1-4")))
                .isEqualTo(Reason.GuestStateRolledBack);
        assertThat(refusal(second("1-1", null).remembering(stopped("1-5")).home("1-3", "1-4")))
                .isEqualTo(Reason.GuestStateRolledBack);
        assertThat(second("1-4", null)
                        .remembering(stopped("1-4"))
                        .home("1-3", "1-4")
                        .plan())
                .isEqualTo(from("1-4"));
    }

    @Test
    void anApprovedStateIsStartedFromWhateverIsOnRecord() {
        assertThat(second("1-5", "1-3")
                        .remembering(stopped("1-5"))
                        .home("1-3", "1-4", "1-5")
                        .plan())
                .isEqualTo(from("1-3"));
        assertThat(refusal(second("1-5", "1-3").remembering(stopped("1-5")).home("1-4", "1-5")))
                .isEqualTo(Reason.GuestStateNotApproved);
    }

    @Test
    void aIncarnationThatHasClaimedItsHomeGoesOnFromThere() {
        VmRecord claimed = stopped("1-5");
        claimed = claimed.withState(claimed.state().withCopyOf(2).sealed(version("2-1")));

        assertThat(second("1-5", "1-3")
                        .remembering(claimed)
                        .tpm(WorkingCopyState.WHOLE)
                        .home("1-3", "2-1")
                        .plan())
                .isEqualTo(from("2-1"));
    }

    @Test
    void aClaimThatThisNodeKnowsNothingOfIsAnotherLifes() {
        assertThat(refusal(second("1-1", null).remembering(stopped("1-3")).home("1-3", "2-1")))
                .isEqualTo(Reason.MemoryLost);
        assertThat(second("1-1", null)
                        .remembering(stopped("1-3"))
                        .home("1-3", "3-1")
                        .plan())
                .isEqualTo(new RefuseLaterState(version("3-1")));
    }

    @Test
    void whatAGuestLeftGoesHomeUnderItsOwnEpochAndIsNotStartedFrom() {
        assertThat(second("1-1", null)
                        .remembering(leftBehind("1-3"))
                        .tpm(WorkingCopyState.WHOLE)
                        .home("1-3")
                        .plan())
                .isEqualTo(new SealLastState(1));
        assertThat(second("1-1", null)
                        .remembering(stopped("1-4"))
                        .tpm(WorkingCopyState.WHOLE)
                        .home("1-4")
                        .plan())
                .isEqualTo(new EraseWorkingCopy());
    }

    @ParameterizedTest
    @EnumSource(
            value = WorkingCopyState.class,
            names = {"DAMAGED", "FILE_MISSING", "NONE"})
    void aLastStateThatIsLostIsMissedUntilSomebodyApprovesAnOlderOne(WorkingCopyState seen) {
        VmRecord record = leftBehind("1-3");

        assertThat(refusal(second("1-1", null).remembering(record).tpm(seen).home("1-3")))
                .isIn(Reason.TpmStateDamaged, Reason.TpmStateMissing);
        assertThat(second("1-1", "1-3")
                        .remembering(record)
                        .tpm(seen)
                        .home("1-3")
                        .plan())
                .isEqualTo(seen == WorkingCopyState.NONE ? from("1-3") : new SetWorkingCopyAside());
    }

    @Test
    void aLostLastStateIsStillMissedAfterAnAttemptThatCameToNothing() {
        VmRecord record = leftBehind("1-3");
        VmRecord tried = record.seen(3).withState(record.state().withCopyOf(2));

        assertThat(refusal(FactsFixture.of(incarnation(3, "1-1", null))
                        .remembering(tried)
                        .tpm(WorkingCopyState.WHOLE)
                        .home("1-3")))
                .isEqualTo(Reason.TpmStateMissing);
    }

    @Test
    void aLastStateIsNotMissedWhereALaterIncarnationHasBegunFromHome() {
        FactsFixture back = FactsFixture.of(incarnation(3, "2-1", null))
                .remembering(leftBehind("1-3").seen(3))
                .home("1-3", "2-1", "2-2");

        assertThat(back.plan()).isEqualTo(from("2-2"));
        assertThat(back.tpm(WorkingCopyState.DAMAGED).plan()).isEqualTo(new SetWorkingCopyAside());
        assertThat(back.tpm(WorkingCopyState.WHOLE).plan()).isEqualTo(new SealLastState(1));
    }

    @Test
    void aCopyOfUnknownAgeIsNeverSealedAndNeverStartedFrom() {
        VmRecord begunAnew =
                VmRecord.firstSeen(1).resumed(1).withEnd(1, Exit.Crashed).seen(2);

        assertThat(refusal(second("1-1", null)
                        .remembering(begunAnew)
                        .tpm(WorkingCopyState.WHOLE)
                        .home("1-1")))
                .isEqualTo(Reason.MemoryLost);
        assertThat(second("1-1", "1-1")
                        .remembering(begunAnew)
                        .tpm(WorkingCopyState.WHOLE)
                        .home("1-1")
                        .plan())
                .isEqualTo(new SetWorkingCopyAside());
    }

    @Test
    void aCopyThatNoGuestRanWithIsReplaced() {
        VmRecord record = stopped("1-4");

        assertThat(second("1-4", null)
                        .remembering(record.withState(record.state().withCopyOf(2)))
                        .tpm(WorkingCopyState.DAMAGED)
                        .home("1-4")
                        .plan())
                .isEqualTo(from("1-4"));
    }

    @Test
    void aHomeOutOfReachIsToldAsSuch() {
        assertThat(refusal(second("1-1", null).remembering(stopped("1-3")).homeOutOfReach()))
                .isEqualTo(Reason.LocationMissing);
    }

    private static FactsFixture first() {
        return FactsFixture.of(IncarnationFixture.incarnation(1, DesiredState.Running));
    }

    private static FactsFixture second(String floor, String approved) {
        return FactsFixture.of(incarnation(2, floor, approved));
    }

    private static VMIncarnation incarnation(long epoch, String floor, String approved) {
        VMIncarnation incarnation = IncarnationFixture.incarnation(epoch, DesiredState.Running);
        VMIncarnationSpec spec = incarnation.getSpec();
        incarnation.setSpec(VMIncarnationSpecBuilder.builder(spec)
                .guestStateFloor(floor == null ? null : version(floor))
                .approvedGuestState(approved == null ? null : version(approved))
                .arrival(null)
                .departure(null)
                .build());
        return incarnation;
    }

    /** The first life ended, and its last state is home. */
    private static VmRecord stopped(String sealed) {
        VmRecord record = leftBehind(sealed);
        return record.withState(record.state().completedBy(1));
    }

    /** The first life ended, and its last state is not home. */
    private static VmRecord leftBehind(String sealed) {
        return VmRecord.firstSeen(1)
                .withTpm()
                .resumed(1)
                .withEnd(1, Exit.Crashed)
                .seen(2)
                .withState(StateRecord.NONE.withCopyOf(1).sealed(version(sealed)));
    }

    private static Prepare from(String version) {
        return new Prepare(new StartSource.FromHome(version(version)));
    }

    private static Reason refusal(FactsFixture sight) {
        IncarnationStep step = sight.plan();
        assertThat(step).isInstanceOf(Refuse.class);
        return ((Refuse) step).reason();
    }
}
