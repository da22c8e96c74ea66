package io.trustedlaunch.agent.incarnation.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.DomainState.Running;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.incarnation.IncarnationFixture;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord;
import io.trustedlaunch.agent.incarnation.record.MigrationRecordDepartureBuilder;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.migration.Convergence.Verdict;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.VMIncarnationStatusDepartureBuilder;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeparturePlannerTest {
    private static final long EPOCH = 3;

    @Test
    void aRunningGuestDepartsWhenAsked() {
        IncarnationStep step = running(asked()).plan();

        assertThat(step).isInstanceOf(IncarnationStep.StartMigration.class);
        assertThat(((IncarnationStep.StartMigration) step).migration().epoch()).isEqualTo(EPOCH + 1);
        assertThat(((IncarnationStep.StartMigration) step).migration().to().nodeName())
                .isEqualTo("host-z");
    }

    @Test
    void whatIsTakenBackBeforeItBeganIsNeverBegun() {
        assertThat(running(IncarnationFixture.departing(EPOCH, DesiredState.Running, true))
                        .plan())
                .isInstanceOf(IncarnationStep.RecordStayed.class);
        assertThat(running(IncarnationFixture.departing(EPOCH, DesiredState.Stopped, false))
                        .plan())
                .isInstanceOf(IncarnationStep.RecordStayed.class);
    }

    @Test
    void aGuestThatDoesNotRunDoesNotDepart() {
        assertThat(FactsFixture.of(asked())
                        .remembering(ran())
                        .domain(EPOCH, new Paused(PauseReason.IO_ERROR))
                        .plan())
                .isInstanceOf(IncarnationStep.RecordStayed.class);
        assertThat(FactsFixture.of(asked()).remembering(ran()).plan()).isInstanceOf(IncarnationStep.RecordStayed.class);
    }

    @Test
    void whileItIsUnderwayThatIsTold() {
        assertThat(underway().domain(EPOCH, new Running()).underway().plan())
                .isInstanceOf(IncarnationStep.ReportUnderway.class);
        assertThat(underway().domain(EPOCH, new Paused(PauseReason.MIGRATION)).plan())
                .as("the last of its memory is on the way")
                .isInstanceOf(IncarnationStep.ReportUnderway.class);
    }

    @Test
    void aMoveThatIsNotWantedAnyMoreIsAborted() {
        for (VMIncarnation unwanted : new VMIncarnation[] {
            IncarnationFixture.departing(EPOCH, DesiredState.Running, true),
            IncarnationFixture.departing(EPOCH, DesiredState.Stopped, false),
            IncarnationFixture.departing(EPOCH, DesiredState.Erased, false),
            IncarnationFixture.incarnation(EPOCH, DesiredState.Running)
        }) {
            assertThat(FactsFixture.of(unwanted)
                            .remembering(departed(Course.Underway))
                            .course(new Migrations.Course.Underway())
                            .domain(EPOCH, new Running())
                            .plan())
                    .isEqualTo(new IncarnationStep.AbortMigration());
        }
    }

    @Test
    void aMoveThatAnEarlierProcessBeganIsAbortedSinceNobodyForwardsItsConnection() {
        assertThat(FactsFixture.of(asked())
                        .remembering(departed(Course.Underway))
                        .domain(EPOCH, new Running())
                        .underway()
                        .plan())
                .isEqualTo(new IncarnationStep.AbortMigration());
    }

    @Test
    void aFailedMoveIsNotTriedAgain() {
        IncarnationStep step = FactsFixture.of(asked())
                .remembering(departed(Course.Underway))
                .course(new Migrations.Course.Failed("the link is down"))
                .domain(EPOCH, new Running())
                .plan();

        assertThat(step).isEqualTo(stays(Reason.MigrationFailed, "the link is down"));
    }

    @Test
    void aMoveTakesOfTheLinkWhatItMay() {
        VMIncarnation slow = asked();
        VMIncarnationSpec.Departure wish = slow.getSpec().departure();
        Pace pace = new Pace(32, 200, 3);
        slow.setSpec(IncarnationFixture.moving(
                slow.getSpec(),
                null,
                VMIncarnationSpecDepartureBuilder.builder(wish)
                        .cancelled(false)
                        .copiesDisks(false)
                        .pace(pace)
                        .build()));

        assertThat(((IncarnationStep.StartMigration) running(slow).plan()).options())
                .isEqualTo(new MigrationOptions(32, Duration.ofMillis(200), false));
        assertThat(((IncarnationStep.StartMigration) running(asked()).plan()).options())
                .as("an operator that says nothing of it")
                .isEqualTo(new MigrationOptions(0, Duration.ofMillis(300), false));
    }

    @Test
    void aGuestThatChangesItsMemoryFastMayStandStillLongerAndThenStays() {
        assertThat(underway()
                        .domain(EPOCH, new Running())
                        .underway()
                        .converging(new Verdict.AllowPause(Duration.ofMillis(600)))
                        .plan())
                .isEqualTo(new IncarnationStep.AllowPause(Duration.ofMillis(600)));
        assertThat(underway()
                        .domain(EPOCH, new Running())
                        .underway()
                        .converging(new Verdict.GiveUp("too fast"))
                        .plan())
                .isEqualTo(new IncarnationStep.AbortMigration());
        assertThat(FactsFixture.of(asked())
                        .remembering(departed(Course.Underway))
                        .course(new Migrations.Course.Failed("it was aborted"))
                        .domain(EPOCH, new Running())
                        .converging(new Verdict.GiveUp("too fast"))
                        .plan())
                .isEqualTo(stays(Reason.MigrationNotConverging, "too fast"));
    }

    @Test
    void aGuestThatIsGivenUpWhenItHasLeftHasLeft() {
        assertThat(FactsFixture.of(asked())
                        .remembering(departed(Course.Underway))
                        .course(new Migrations.Course.Gone())
                        .converging(new Verdict.GiveUp("too fast"))
                        .gone(StopReason.MIGRATED, FactsFixture.NOW)
                        .plan())
                .isEqualTo(new IncarnationStep.RecordLeft(EPOCH + 1));
    }

    @ParameterizedTest
    @EnumSource(
            value = PauseReason.class,
            names = {"MIGRATION", "OTHER", "STARTING"})
    void aGuestThatStandsStillAfterAMoveIsLetGoOn(PauseReason reason) {
        assertThat(FactsFixture.of(asked())
                        .remembering(departed(Course.Underway))
                        .domain(EPOCH, new Paused(reason))
                        .plan())
                .isEqualTo(new IncarnationStep.ResumeAfterMigration());
    }

    @Test
    void aGuestWhoseDiskIsFullStaysAndIsLookedAfterAsAnyOther() {
        assertThat(FactsFixture.of(asked())
                        .remembering(departed(Course.Underway))
                        .domain(EPOCH, new Paused(PauseReason.IO_ERROR))
                        .plan())
                .isInstanceOf(IncarnationStep.RecordStayed.class);
    }

    @Test
    void aGuestThatIsGoneByMigrationHasLeft() {
        assertThat(FactsFixture.of(asked())
                        .remembering(departed(Course.Underway))
                        .gone(StopReason.MIGRATED, FactsFixture.NOW)
                        .plan())
                .isEqualTo(new IncarnationStep.RecordLeft(EPOCH + 1));
        assertThat(FactsFixture.of(asked())
                        .remembering(departed(Course.Underway))
                        .course(new Migrations.Course.Gone())
                        .gone(StopReason.UNKNOWN, FactsFixture.NOW)
                        .plan())
                .as("the hypervisor said so, and its log does not yet")
                .isEqualTo(new IncarnationStep.RecordLeft(EPOCH + 1));
    }

    @Test
    void whatIsStillToBeSeenOfAGuestThatIsGoneIsNotResumed() {
        assertThat(FactsFixture.of(asked())
                        .remembering(departed(Course.Underway))
                        .course(new Migrations.Course.Gone())
                        .domain(EPOCH, new Paused(PauseReason.MIGRATION))
                        .plan())
                .isInstanceOf(IncarnationStep.Wait.class);
    }

    @Test
    void aGuestThatEndedOtherwiseHasNotLeft() {
        for (StopReason reason :
                new StopReason[] {StopReason.GUEST_SHUTDOWN, StopReason.CRASHED, StopReason.DESTROYED, StopReason.FAILED
                }) {
            assertThat(FactsFixture.of(asked())
                            .remembering(departed(Course.Underway))
                            .gone(reason, FactsFixture.NOW)
                            .plan())
                    .isInstanceOf(IncarnationStep.RecordStayed.class);
        }
    }

    @Test
    void whyADomainIsGoneIsWaitedForAndThenItIsNotTakenForLeft() {
        assertThat(FactsFixture.of(asked())
                        .remembering(departed(Course.Underway))
                        .gone(StopReason.UNKNOWN, FactsFixture.NOW)
                        .plan())
                .isInstanceOf(IncarnationStep.Wait.class);
        assertThat(FactsFixture.of(asked())
                        .remembering(departed(Course.Underway))
                        .gone(StopReason.UNKNOWN, FactsFixture.NOW.minus(Duration.ofMinutes(1)))
                        .plan())
                .isInstanceOf(IncarnationStep.RecordStayed.class);
    }

    @Test
    void aGuestThatLeftIsNeverResumedWhateverTheHypervisorHas() {
        for (var state : new io.trustedlaunch.agent.hypervisor.DomainState[] {
            new Running(), new Paused(PauseReason.MIGRATION), new Paused(PauseReason.REQUESTED)
        }) {
            assertThat(FactsFixture.of(asked())
                            .remembering(departed(Course.Left))
                            .domain(EPOCH, state)
                            .plan())
                    .isEqualTo(new IncarnationStep.CutPower(Exit.Migrated));
        }
    }

    @Test
    void thatItLeftIsTold() {
        assertThat(FactsFixture.of(asked()).remembering(departed(Course.Left)).plan())
                .isEqualTo(new IncarnationStep.ReportLeft(EPOCH + 1, "host-z"));
    }

    @Test
    void aDomainThatLibvirtStillListsHoldsTheWordUpOnlyWhileItHasPower() {
        FactsFixture left = FactsFixture.of(asked()).remembering(departed(Course.Left));

        assertThat(left.domain(EPOCH, new DomainState.ShutOff(StopReason.MIGRATED))
                        .plan())
                .isEqualTo(new IncarnationStep.ReportLeft(EPOCH + 1, "host-z"));
        assertThat(left.domain(EPOCH, new DomainState.Paused(PauseReason.MIGRATION))
                        .plan())
                .isEqualTo(new IncarnationStep.CutPower(Exit.Migrated));
    }

    @Test
    void whatItLeftIsErasedOnceTheOtherIncarnationHasClaimedItsHome() {
        FactsFixture retired = FactsFixture.of(
                        told(IncarnationFixture.departing(EPOCH, DesiredState.Stopped, false), Course.Left))
                .remembering(departed(Course.Left))
                .tpm(WorkingCopyState.WHOLE);

        assertThat(retired.home("4-1", "3-7").plan()).isEqualTo(new IncarnationStep.EraseWorkingCopy());
    }

    @Test
    void whatItLeftIsSealedFirstWhereNoOtherIncarnationHasClaimedItsHome() {
        FactsFixture retired = FactsFixture.of(
                        told(IncarnationFixture.departing(EPOCH, DesiredState.Stopped, false), Course.Left))
                .remembering(departed(Course.Left))
                .tpm(WorkingCopyState.WHOLE);

        assertThat(retired.home("3-7").plan()).isEqualTo(new IncarnationStep.SealLastState(EPOCH));
    }

    @Test
    void onceItsCopyIsGoneTheEndIsComplete() {
        FactsFixture retired = FactsFixture.of(
                        told(IncarnationFixture.departing(EPOCH, DesiredState.Stopped, false), Course.Left))
                .remembering(departed(Course.Left));

        assertThat(retired.home("4-1", "3-7").plan()).isEqualTo(new IncarnationStep.ReportEnded(Exit.Migrated, true));
    }

    @Test
    void thatItStayedIsToldOnceAndTheIncarnationGoesOn() {
        assertThat(FactsFixture.of(asked())
                        .remembering(departed(Course.Stayed))
                        .domain(EPOCH, new Running())
                        .plan())
                .isInstanceOf(IncarnationStep.ReportStayed.class);
        assertThat(FactsFixture.of(told(asked(), Course.Stayed))
                        .remembering(departed(Course.Stayed))
                        .domain(EPOCH, new Running())
                        .plan())
                .isEqualTo(new IncarnationStep.Watch());
    }

    @Test
    void anotherEpochIsAnotherTry() {
        VMIncarnation again = told(asked(), Course.Stayed);
        again.setSpec(IncarnationFixture.moving(again.getSpec(), null, IncarnationFixture.departure(EPOCH + 2, false)));

        assertThat(FactsFixture.of(again)
                        .remembering(departed(Course.Stayed))
                        .domain(EPOCH, new Running())
                        .plan())
                .isInstanceOf(IncarnationStep.StartMigration.class);
    }

    @Test
    void whatIsKnownOfAnEarlierLifesMoveSaysNothingOfThisOne() {
        VmRecord record = ran().withMigration(
                        MigrationRecord.NONE.withDeparture(MigrationRecordDepartureBuilder.builder()
                                .from(1)
                                .epoch(2)
                                .nodeName("host-z")
                                .course(Course.Left)
                                .build()));

        assertThat(FactsFixture.of(IncarnationFixture.incarnation(EPOCH, DesiredState.Running))
                        .remembering(record)
                        .domain(EPOCH, new Running())
                        .plan())
                .isEqualTo(new IncarnationStep.Watch());
    }

    private static IncarnationStep stays(Reason reason, String why) {
        return new IncarnationStep.RecordStayed(EPOCH + 1, "host-z", reason, why);
    }

    private static VMIncarnation asked() {
        return IncarnationFixture.told(IncarnationFixture.departing(EPOCH, DesiredState.Running, false), Phase.Running);
    }

    private static FactsFixture running(VMIncarnation incarnation) {
        return FactsFixture.of(incarnation).remembering(ran()).domain(EPOCH, new Running());
    }

    private static FactsFixture underway() {
        return FactsFixture.of(asked()).remembering(departed(Course.Underway)).course(new Migrations.Course.Underway());
    }

    private static VmRecord ran() {
        VmRecord record = VmRecord.firstSeen(EPOCH).resumed(EPOCH);
        return record.withState(record.state().withCopyOf(EPOCH));
    }

    private static VmRecord departed(Course course) {
        VmRecord record = course == Course.Left ? ran().withEnd(EPOCH, Exit.Migrated) : ran();
        return record.withMigration(MigrationRecord.NONE.withDeparture(MigrationRecordDepartureBuilder.builder()
                .from(EPOCH)
                .epoch(EPOCH + 1)
                .nodeName("host-z")
                .course(course)
                .reason(Reason.MigrationFailed)
                .message("why")
                .build()));
    }

    private static VMIncarnation told(VMIncarnation incarnation, Course course) {
        Phase phase = course == Course.Left ? Phase.Stopped : Phase.Running;
        incarnation.setStatus(VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .reason("Running")
                .message("")
                .ekDigest(IncarnationFixture.EK)
                .exit(course == Course.Left ? Exit.Migrated : null)
                .departure(VMIncarnationStatusDepartureBuilder.builder()
                        .epoch(EPOCH + 1)
                        .nodeName("host-z")
                        .course(course)
                        .build())
                .build());
        return incarnation;
    }
}
