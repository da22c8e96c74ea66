package io.trustedlaunch.agent.incarnation.plan;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.incarnation;
import static io.trustedlaunch.agent.incarnation.plan.FactsFixture.NOW;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.ran;
import static io.trustedlaunch.agent.incarnation.plan.WorkingCopyState.WHOLE;
import static io.trustedlaunch.testkit.Incarnations.change;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.DomainState.Running;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.AbortMigration;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.AllowPause;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.EraseWorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordLeft;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordStayed;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportEnded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportLeft;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportStayed;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportUnderway;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ResumeAfterMigration;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLastState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.StartMigration;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Wait;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Watch;
import io.trustedlaunch.agent.incarnation.record.DepartureRecordBuilder;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.migration.Convergence.Verdict;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusDepartureBuilder;
import io.trustedlaunch.testkit.Incarnations;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeparturePlannerTest {
    private static final long EPOCH = 3;
    private static final Running RUNNING = new Running();
    private static final Paused IN_MIGRATION = new Paused(PauseReason.MIGRATION);
    private static final Verdict TOO_FAST = new Verdict.GiveUp("too fast");

    @Test
    void aRunningGuestDepartsWhenAsked() {
        assertThat(asked().domain(EPOCH, RUNNING).plan()).isInstanceOfSatisfying(StartMigration.class, depart -> {
            assertThat(depart.migration().epoch()).isEqualTo(EPOCH + 1);
            assertThat(depart.migration().to().nodeName()).isEqualTo("host-z");
        });
    }

    @Test
    void aMigrationThatIsCancelledBeforehandIsNeverBegun() {
        assertThat(cancelled().domain(EPOCH, RUNNING).plan()).isInstanceOf(RecordStayed.class);
        assertThat(desired(DesiredState.Stopped).domain(EPOCH, RUNNING).plan()).isInstanceOf(RecordStayed.class);
    }

    @Test
    void aGuestThatDoesNotRunDoesNotDepart() {
        assertThat(asked().domain(EPOCH, new Paused(PauseReason.IO_ERROR)).plan())
                .isInstanceOf(RecordStayed.class);
        assertThat(asked().plan()).isInstanceOf(RecordStayed.class);
    }

    @Test
    void aGuestWhoseDisksAreStillFilledDoesNotDepart() {
        assertThat(asked().domain(EPOCH, RUNNING)
                        .with(facts -> facts.isFilling(true))
                        .plan())
                .isInstanceOfSatisfying(
                        RecordStayed.class,
                        stays -> assertThat(stays.problem().message()).contains("still filled from the backup"));
    }

    /** A copy takes the disks of the guest, and the folder that it leaves is removed. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aVmWithRemovedDisksDepartsOnlyToANodeThatSharesItsFolder(boolean copiesDisks) {
        VMIncarnation asking = change(
                asking(DesiredState.Running, depart -> depart.copiesDisks(copiesDisks)),
                spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                        .removedDisks(List.of(new Disk("logs", new Quantity("1Gi"))))
                        .build()));

        assertThat(FactsFixture.of(asking)
                        .reported(Phase.Running)
                        .record(ran(EPOCH))
                        .domain(EPOCH, RUNNING)
                        .plan())
                .isInstanceOf(copiesDisks ? RecordStayed.class : StartMigration.class);
    }

    @ParameterizedTest
    @MethodSource("failedTpms")
    void aGuestWhoseTpmDoesNotRespondDoesNotDepart(VtpmState failed) {
        assertThat(asked().domain(EPOCH, RUNNING, failed).plan())
                .isInstanceOfSatisfying(
                        RecordStayed.class,
                        stays -> assertThat(stays.problem().message()).contains("TPM does not respond"));
    }

    @ParameterizedTest
    @MethodSource("failedTpms")
    void aMigrationIsAbortedWhenTheTpmFailsWhileTheGuestRunsAndSaysSo(VtpmState failed) {
        assertThat(underway().domain(EPOCH, RUNNING, failed).plan()).isEqualTo(new AbortMigration());
        assertThat(underway().domain(EPOCH, IN_MIGRATION, failed).plan())
                .as("an abort that is not answered would end in a power cut")
                .isInstanceOf(ReportUnderway.class);
        assertThat(known(new Migrations.Course.Failed("it was aborted"))
                        .domain(EPOCH, RUNNING, failed)
                        .plan())
                .isInstanceOfSatisfying(
                        RecordStayed.class,
                        stays -> assertThat(stays.problem().message()).contains("TPM does not respond"));
    }

    private static Stream<VtpmState> failedTpms() {
        return Stream.of(new VtpmState.Ended(), new VtpmState.Stopped(1));
    }

    @Test
    void anUnobservedTpmIsNoReasonToStay() {
        assertThat(asked().domain(EPOCH, RUNNING, new VtpmState.Unknown()).plan())
                .isInstanceOf(StartMigration.class);
    }

    @Test
    void aMigrationIsReportedWhileItIsUnderway() {
        assertThat(underway().domain(EPOCH, RUNNING).plan()).isInstanceOf(ReportUnderway.class);
        assertThat(known(new Migrations.Course.Underway())
                        .domain(EPOCH, IN_MIGRATION)
                        .plan())
                .as("the last of its memory is on the way")
                .isInstanceOf(ReportUnderway.class);
    }

    @Test
    void aMigrationThatIsNoLongerWantedIsAborted() {
        for (FactsFixture unwanted : new FactsFixture[] {
            cancelled(),
            desired(DesiredState.Stopped),
            desired(DesiredState.Erased),
            FactsFixture.of(incarnation(EPOCH, DesiredState.Running))
        }) {
            assertThat(unwanted.record(recorded(Course.Underway))
                            .with(facts -> facts.course(new Migrations.Course.Underway()))
                            .domain(EPOCH, RUNNING)
                            .plan())
                    .isEqualTo(new AbortMigration());
        }
    }

    @Test
    void aMigrationThatAnEarlierProcessBeganIsAbortedSinceNothingForwardsItsConnection() {
        assertThat(underway()
                        .with(facts -> facts.course(new Migrations.Course.Unknown()))
                        .domain(EPOCH, RUNNING)
                        .plan())
                .isEqualTo(new AbortMigration());
    }

    @Test
    void aFailedMigrationIsNotTriedAgain() {
        assertThat(known(new Migrations.Course.Failed("the link is down"))
                        .domain(EPOCH, RUNNING)
                        .plan())
                .isEqualTo(stays(Reason.MigrationFailed, "the link is down"));
    }

    @Test
    void aMigrationKeepsToItsPace() {
        VMIncarnation paced = asking(DesiredState.Running, depart -> depart.pace(new Pace(32, 200, 3)));

        assertThat(optionsOf(FactsFixture.of(paced)))
                .isEqualTo(new MigrationOptions(32, Duration.ofMillis(200), false));
        assertThat(optionsOf(FactsFixture.of(asking(DesiredState.Running, depart -> depart.pace(null)))))
                .as("without a pace")
                .isEqualTo(new MigrationOptions(0, Duration.ofMillis(300), false));
    }

    @Test
    void aMigrationThatDoesNotConvergeMayPauseLongerAndIsThenGivenUp() {
        Verdict pause = new Verdict.AllowPause(Duration.ofMillis(600));

        assertThat(underway()
                        .with(facts -> facts.convergence(pause))
                        .domain(EPOCH, RUNNING)
                        .plan())
                .isEqualTo(new AllowPause(Duration.ofMillis(600)));
        assertThat(underway()
                        .with(facts -> facts.convergence(TOO_FAST))
                        .domain(EPOCH, RUNNING)
                        .plan())
                .isEqualTo(new AbortMigration());
        assertThat(known(new Migrations.Course.Failed("it was aborted"))
                        .with(facts -> facts.convergence(TOO_FAST))
                        .domain(EPOCH, RUNNING)
                        .plan())
                .isEqualTo(stays(Reason.MigrationNotConverging, "too fast"));
    }

    @Test
    void aGuestThatHasLeftWhenItsMigrationIsGivenUpHasLeft() {
        assertThat(known(new Migrations.Course.Gone())
                        .with(facts -> facts.convergence(TOO_FAST))
                        .gone(StopReason.MIGRATED)
                        .plan())
                .isEqualTo(new RecordLeft(EPOCH + 1));
    }

    @ParameterizedTest
    @EnumSource(
            value = PauseReason.class,
            names = {"MIGRATION", "OTHER", "STARTING"})
    void aGuestThatIsPausedAfterAMigrationIsResumed(PauseReason reason) {
        assertThat(begun().domain(EPOCH, new Paused(reason)).plan()).isEqualTo(new ResumeAfterMigration());
    }

    @Test
    void aGuestThatIsPausedByAFullDiskStays() {
        assertThat(begun().domain(EPOCH, new Paused(PauseReason.IO_ERROR)).plan())
                .isInstanceOf(RecordStayed.class);
    }

    @Test
    void aGuestThatIsGoneByMigrationHasLeft() {
        assertThat(begun().gone(StopReason.MIGRATED).plan()).isEqualTo(new RecordLeft(EPOCH + 1));
        assertThat(known(new Migrations.Course.Gone()).gone(StopReason.UNKNOWN).plan())
                .as("the hypervisor said so, and its log does not yet")
                .isEqualTo(new RecordLeft(EPOCH + 1));
    }

    @Test
    void aDomainThatIsStillListedAfterItsGuestHasGoneIsNotResumed() {
        assertThat(known(new Migrations.Course.Gone())
                        .domain(EPOCH, IN_MIGRATION)
                        .plan())
                .isInstanceOf(Wait.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = StopReason.class,
            names = {"GUEST_SHUTDOWN", "CRASHED", "DESTROYED", "FAILED"})
    void aGuestThatEndedOtherwiseHasNotLeft(StopReason reason) {
        assertThat(begun().gone(reason).plan()).isInstanceOf(RecordStayed.class);
    }

    @Test
    void theReasonWhyADomainIsGoneIsAwaitedAndWithoutOneItHasNotLeft() {
        assertThat(begun().gone(StopReason.UNKNOWN).plan()).isInstanceOf(Wait.class);
        assertThat(begun().gone(StopReason.UNKNOWN, NOW.minusSeconds(60)).plan())
                .isInstanceOf(RecordStayed.class);
    }

    @Test
    void aGuestThatHasLeftIsNeverResumed() {
        for (DomainState state : new DomainState[] {RUNNING, IN_MIGRATION, new Paused(PauseReason.REQUESTED)}) {
            assertThat(left().domain(EPOCH, state).plan()).isEqualTo(new CutPower(Exit.Migrated));
        }
    }

    @Test
    void aDepartureIsReported() {
        assertThat(left().plan()).isEqualTo(new ReportLeft(EPOCH + 1, "host-z"));
    }

    @Test
    void aDomainThatIsStillListedDelaysTheReportOnlyWhileItHasPower() {
        assertThat(left().domain(EPOCH, new DomainState.ShutOff(StopReason.MIGRATED))
                        .plan())
                .isEqualTo(new ReportLeft(EPOCH + 1, "host-z"));
        assertThat(left().domain(EPOCH, IN_MIGRATION).plan()).isEqualTo(new CutPower(Exit.Migrated));
    }

    @Test
    void theCopyIsErasedOnceTheOtherIncarnationHasClaimedTheHome() {
        assertThat(retired().copy(WHOLE).home("4-1", "3-7").plan()).isEqualTo(new EraseWorkingCopy());
    }

    @Test
    void theCopyIsSealedFirstIfNoOtherIncarnationHasClaimedTheHome() {
        assertThat(retired().copy(WHOLE).home("3-7").plan()).isEqualTo(new SealLastState(EPOCH));
    }

    @Test
    void theEndIsCompleteOnceTheCopyIsGone() {
        assertThat(retired().home("4-1", "3-7").plan()).isEqualTo(new ReportEnded(Exit.Migrated, true));
    }

    @Test
    void aFailedMigrationIsReportedOnceAndTheIncarnationGoesOn() {
        FactsFixture stayed = asked().record(recorded(Course.Stayed)).domain(EPOCH, RUNNING);

        assertThat(stayed.plan()).isInstanceOf(ReportStayed.class);
        assertThat(reported(Course.Stayed, stayed).plan()).isEqualTo(new Watch());
    }

    @Test
    void anotherEpochIsAnotherAttempt() {
        VMIncarnation again = asking(DesiredState.Running, depart -> depart.epoch(EPOCH + 2));

        assertThat(reported(Course.Stayed, FactsFixture.of(again))
                        .record(recorded(Course.Stayed))
                        .domain(EPOCH, RUNNING)
                        .plan())
                .isInstanceOf(StartMigration.class);
    }

    @Test
    void theMigrationOfAnEarlierIncarnationDoesNotCount() {
        VmRecord record = ran(EPOCH)
                .withDeparture(
                        1,
                        DepartureRecordBuilder.builder()
                                .epoch(2)
                                .nodeName("host-z")
                                .course(Course.Left)
                                .build());

        assertThat(FactsFixture.of(incarnation(EPOCH, DesiredState.Running))
                        .record(record)
                        .domain(EPOCH, RUNNING)
                        .plan())
                .isEqualTo(new Watch());
    }

    private static IncarnationStep stays(Reason reason, String message) {
        return new RecordStayed(EPOCH + 1, "host-z", new Problem(reason, message));
    }

    private static MigrationOptions optionsOf(FactsFixture facts) {
        return ((StartMigration) facts.record(ran(EPOCH)).domain(EPOCH, RUNNING).plan()).options();
    }

    /** The guest is to be migrated, and nothing was done about it yet. */
    private static FactsFixture asked() {
        return desired(DesiredState.Running);
    }

    private static FactsFixture desired(DesiredState desired) {
        return FactsFixture.of(asking(desired, depart -> depart))
                .reported(Phase.Running)
                .record(ran(EPOCH));
    }

    private static FactsFixture cancelled() {
        return FactsFixture.of(asking(DesiredState.Running, depart -> depart.cancelled(true)))
                .record(ran(EPOCH));
    }

    private static VMIncarnation asking(DesiredState desired, UnaryOperator<VMIncarnationSpecDepartureBuilder> more) {
        VMIncarnationSpecDepartureBuilder departure = more.apply(Incarnations.departure(EPOCH + 1, "host-z"));
        return change(incarnation(EPOCH, desired), spec -> spec.departure(departure.build()));
    }

    /** The migration was begun, by this process or an earlier one. */
    private static FactsFixture begun() {
        return asked().record(recorded(Course.Underway));
    }

    /** This process began the migration, and knows this of it. */
    private static FactsFixture known(Migrations.Course course) {
        return begun().with(facts -> facts.course(course));
    }

    private static FactsFixture underway() {
        return known(new Migrations.Course.Underway())
                .with(facts -> facts.underway(Optional.of(new MigrationProgress(1, 1, 2))));
    }

    private static FactsFixture left() {
        return asked().record(recorded(Course.Left));
    }

    /** It is reported that the guest has left, and the incarnation is to end. */
    private static FactsFixture retired() {
        return reported(Course.Left, desired(DesiredState.Stopped)).record(recorded(Course.Left));
    }

    private static VmRecord recorded(Course course) {
        VmRecord record = course == Course.Left ? ran(EPOCH).withEnd(EPOCH, Exit.Migrated) : ran(EPOCH);
        return record.withDeparture(
                EPOCH,
                DepartureRecordBuilder.builder()
                        .epoch(EPOCH + 1)
                        .nodeName("host-z")
                        .course(course)
                        .problem(Optional.of(new Problem(Reason.MigrationFailed, "why")))
                        .build());
    }

    private static FactsFixture reported(Course course, FactsFixture facts) {
        facts.facts()
                .incarnation()
                .setStatus(Incarnations.status(course == Course.Left ? Phase.Stopped : Phase.Running)
                        .exit(course == Course.Left ? Exit.Migrated : null)
                        .departure(VMIncarnationStatusDepartureBuilder.builder()
                                .epoch(EPOCH + 1)
                                .nodeName("host-z")
                                .course(course)
                                .build())
                        .build());
        return facts;
    }
}
