package io.trustedlaunch.agent.incarnation.plan;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.incarnation;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.ran;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.seen;
import static io.trustedlaunch.agent.incarnation.plan.WorkingCopyState.DAMAGED;
import static io.trustedlaunch.agent.incarnation.plan.WorkingCopyState.FILE_MISSING;
import static io.trustedlaunch.agent.incarnation.plan.WorkingCopyState.NONE;
import static io.trustedlaunch.agent.incarnation.plan.WorkingCopyState.WHOLE;
import static io.trustedlaunch.testkit.Incarnations.change;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.disks.DiskTransferMark;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.EraseWorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Prepare;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RefuseLaterState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RefuseUnknownClaim;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLastState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SetWorkingCopyAside;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.testkit.Incarnations;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which state a start is from, and when there is none. */
class StartPlannerTest {
    private static final VmRecord NEW = seen(1);

    @Test
    void aFirstStartMakesTheTpm() {
        assertThat(first().record(NEW).plan()).isEqualTo(new Prepare(new StartSource.NewTpm()));
    }

    @Test
    void aTpmThatAnInterruptedFirstStartMadeIsUsed() {
        VmRecord making = NEW.withCopyOf(1);

        assertThat(first().record(making).copy(WHOLE).plan()).isEqualTo(new Prepare(new StartSource.TpmMadeHere()));
        assertThat(second().record(making.seen(2)).copy(WHOLE).plan())
                .isEqualTo(new Prepare(new StartSource.TpmMadeHere()));
        assertThat(first().record(making).copy(FILE_MISSING).refusal()).isEqualTo(Reason.TpmStateMissing);
        assertThat(first().record(making).copy(DAMAGED).refusal()).isEqualTo(Reason.TpmStateDamaged);
    }

    @Test
    void aTpmIsNeverMadeTwice() {
        assertThat(first().record(NEW.withEk("ek")).refusal()).isEqualTo(Reason.TpmStateMissing);
        assertThat(second().record(seen(2)).refusal()).isEqualTo(Reason.TpmStateMissing);
    }

    /** The node's disk was set back to before the VM's first start; its home was on it. */
    @Test
    void aTpmThatWasReportedIsNotMadeAnew() {
        assertThat(reporting(status -> status.ekDigest("ek"))
                        .record(NEW.withCopyOf(1))
                        .refusal())
                .isEqualTo(Reason.TpmStateMissing);
        assertThat(reporting(status -> status.guestState(Incarnations.sealed(1, 1)))
                        .record(NEW.withCopyOf(1))
                        .refusal())
                .isEqualTo(Reason.TpmStateMissing);
        assertThat(reporting(status -> status).record(NEW).plan()).isEqualTo(new Prepare(new StartSource.NewTpm()));
    }

    private static FactsFixture reporting(UnaryOperator<VMIncarnationStatusBuilder> more) {
        VMIncarnation first = incarnation(1, DesiredState.Running);
        first.setStatus(more.apply(Incarnations.status(Phase.Prepared)).build());
        return FactsFixture.of(first);
    }

    @Test
    void anEmptyHomeIsRefusedOnceAStateWasSealed() {
        assertThat(second("1-1").record(seen(2)).refusal()).isEqualTo(Reason.GuestStateMissing);
        assertThat(second().record(stopped("1-3")).refusal()).isEqualTo(Reason.GuestStateMissing);
        assertThat(first().record(NEW.sealed(version("1-1"))).refusal()).isEqualTo(Reason.GuestStateMissing);
    }

    @Test
    void aStartUsesTheNewestStateAtHome() {
        assertThat(second("1-1")
                        .record(stopped("1-3"))
                        .home("1-2", "1-10", "1-9")
                        .plan())
                .isEqualTo(from("1-10"));
    }

    @Test
    void aHomeThatWasRolledBackIsRefused() {
        assertThat(second("1-5").record(seen(2)).home("1-3", "1-4").refusal()).isEqualTo(Reason.GuestStateRolledBack);
        assertThat(second("1-1").record(stopped("1-5")).home("1-3", "1-4").refusal())
                .isEqualTo(Reason.GuestStateRolledBack);
        assertThat(second("1-4").record(stopped("1-4")).home("1-3", "1-4").plan())
                .isEqualTo(from("1-4"));
    }

    @Test
    void anApprovedStateIsUsedWhateverIsOnRecord() {
        assertThat(second("1-5", "1-3")
                        .record(stopped("1-5"))
                        .home("1-3", "1-4", "1-5")
                        .plan())
                .isEqualTo(from("1-3"));
        assertThat(second("1-5", "1-3")
                        .record(stopped("1-5"))
                        .home("1-4", "1-5")
                        .refusal())
                .isEqualTo(Reason.GuestStateNotApproved);
    }

    @Test
    void anIncarnationThatHasClaimedItsHomeStartsFromItsClaim() {
        VmRecord claimed = stopped("1-5").withCopyOf(2).sealed(version("2-1"));

        assertThat(second("1-5", "1-3")
                        .record(claimed)
                        .copy(WHOLE)
                        .home("1-3", "2-1")
                        .plan())
                .isEqualTo(from("2-1"));
    }

    @Test
    void anUnknownClaimIsRefused() {
        assertThat(second("1-1").record(stopped("1-3")).home("1-3", "2-1").plan())
                .isEqualTo(new RefuseUnknownClaim(version("2-1")));
        assertThat(second("1-1").record(stopped("1-3")).home("1-3", "3-1").plan())
                .isEqualTo(new RefuseLaterState(version("3-1")));
    }

    @Test
    void aCopyThatAGuestLeftIsSealedUnderItsOwnEpochAndNotUsed() {
        assertThat(second("1-1")
                        .record(leftBehind("1-3"))
                        .copy(WHOLE)
                        .home("1-3")
                        .plan())
                .isEqualTo(new SealLastState(1));
        assertThat(second("1-1").record(stopped("1-4")).copy(WHOLE).home("1-4").plan())
                .isEqualTo(new EraseWorkingCopy());
    }

    @ParameterizedTest
    @EnumSource(
            value = WorkingCopyState.class,
            names = {"DAMAGED", "FILE_MISSING", "NONE"})
    void aLostLastStateBlocksStartsUntilAnOlderOneIsApproved(WorkingCopyState seen) {
        VmRecord record = leftBehind("1-3");

        assertThat(second("1-1").record(record).copy(seen).home("1-3").refusal())
                .isIn(Reason.TpmStateDamaged, Reason.TpmStateMissing);
        assertThat(second("1-1", "1-3").record(record).copy(seen).home("1-3").plan())
                .isEqualTo(seen == NONE ? from("1-3") : new SetWorkingCopyAside());
    }

    @Test
    void aLostLastStateStillBlocksStartsAfterAFailedOne() {
        VmRecord record = leftBehind("1-3");
        VmRecord tried = record.seen(3).withCopyOf(2);

        assertThat(FactsFixture.of(withFloor(3, "1-1"))
                        .record(tried)
                        .copy(WHOLE)
                        .home("1-3")
                        .refusal())
                .isEqualTo(Reason.TpmStateMissing);
    }

    @Test
    void aLostLastStateDoesNotBlockStartsAfterALaterIncarnationStartedFromHome() {
        FactsFixture back = FactsFixture.of(withFloor(3, "2-1"))
                .record(leftBehind("1-3").seen(3))
                .home("1-3", "2-1", "2-2");

        assertThat(back.plan()).isEqualTo(from("2-2"));
        assertThat(back.copy(DAMAGED).plan()).isEqualTo(new SetWorkingCopyAside());
        assertThat(back.copy(WHOLE).plan()).isEqualTo(new SealLastState(1));
    }

    @Test
    void aCopyOfUnknownAgeIsNeitherSealedNorUsed() {
        VmRecord begunAnew = seen(1).resumed(1).withEnd(1, Exit.Crashed).seen(2);

        assertThat(second("1-1").record(begunAnew).copy(WHOLE).home("1-1").refusal())
                .isEqualTo(Reason.MemoryLost);
        assertThat(second("1-1", "1-1")
                        .record(begunAnew)
                        .copy(WHOLE)
                        .home("1-1")
                        .plan())
                .isEqualTo(new SetWorkingCopyAside());
    }

    @Test
    void aCopyThatNoGuestRanWithIsReplaced() {
        assertThat(second("1-4")
                        .record(stopped("1-4").withCopyOf(2))
                        .copy(DAMAGED)
                        .home("1-4")
                        .plan())
                .isEqualTo(from("1-4"));
    }

    @Test
    void anUnfinishedCopyIsNeverStartedFrom() {
        Consumer<IncarnationFactsBuilder> copied =
                facts -> facts.diskTransferMark(Optional.of(new DiskTransferMark("host-a", 2)));

        assertThat(second("1-1").record(stopped("1-3")).home("1-3").with(copied).refusal())
                .isEqualTo(Reason.DisksIncomplete);
        assertThat(second("1-1", "1-3")
                        .record(stopped("1-3"))
                        .home("1-3")
                        .with(copied)
                        .refusal())
                .as("not even if its guest state is approved")
                .isEqualTo(Reason.DisksIncomplete);
        assertThat(first().record(NEW).with(copied).refusal()).isEqualTo(Reason.DisksIncomplete);
    }

    @Test
    void anUnreachableHomeIsReported() {
        assertThat(second("1-1").record(stopped("1-3")).unreachableHome().refusal())
                .isEqualTo(Reason.LocationMissing);
    }

    private static FactsFixture first() {
        return FactsFixture.of(incarnation(1, DesiredState.Running));
    }

    private static FactsFixture second() {
        return FactsFixture.of(incarnation(2, DesiredState.Running));
    }

    private static FactsFixture second(String floor) {
        return FactsFixture.of(withFloor(2, floor));
    }

    private static FactsFixture second(String floor, String approved) {
        return FactsFixture.of(change(withFloor(2, floor), spec -> spec.approvedGuestState(version(approved))));
    }

    private static VMIncarnation withFloor(long epoch, String floor) {
        return change(incarnation(epoch, DesiredState.Running), spec -> spec.guestStateFloor(version(floor)));
    }

    /** The first incarnation ended, and its last state is home. */
    private static VmRecord stopped(String sealed) {
        return leftBehind(sealed).completedBy(1);
    }

    /** The first incarnation ended, and its last state is not home. */
    private static VmRecord leftBehind(String sealed) {
        return ran(1).withEnd(1, Exit.Crashed).seen(2).sealed(version(sealed));
    }

    private static Prepare from(String version) {
        return new Prepare(new StartSource.FromHome(version(version)));
    }
}
