package io.trustedlaunch.operator.backup;

import static io.trustedlaunch.operator.backup.Backups.facts;
import static io.trustedlaunch.operator.backup.Backups.progress;
import static io.trustedlaunch.operator.backup.Backups.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.backup.BackupStep.Begin;
import io.trustedlaunch.operator.backup.BackupStep.Ending;
import io.trustedlaunch.operator.backup.BackupStep.Fail;
import io.trustedlaunch.operator.backup.BackupStep.Pending;
import io.trustedlaunch.operator.backup.BackupStep.Retry;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A backup whose attempt has failed: whether, when and until when it is tried again. */
class BackupAttemptsTest {
    private static final String LATER = "2026-01-01T12:01:00Z";

    @Test
    void whatMayPassIsFixed() {
        assertThat(BackupAttempts.PASSING)
                .isEqualTo(EnumSet.of(
                        Reason.AgentRestarted,
                        Reason.BackupGaveWay,
                        Reason.BackupInterrupted,
                        Reason.BackupLocationUnavailable,
                        Reason.BackupNotAtOneInstant,
                        Reason.DiskCopyFailed,
                        Reason.GuestNotHere,
                        Reason.GuestStateNotSealed,
                        Reason.HypervisorUnavailable,
                        Reason.OwnershipUnread));
    }

    @Test
    void whatMayPassIsTriedAgainAndNothingElse() {
        for (Reason reason : Reason.values()) {
            BackupStep step = plan(within().run(Optional.of(Backups.run(failed(reason)))));
            if (BackupAttempts.mayPass(reason)) {
                assertThat(step).as(reason.name()).isInstanceOf(Retry.class);
                assertThat(((Retry) step).next()).isEqualTo(LATER);
            } else {
                assertThat(step).as(reason.name()).isInstanceOf(Fail.class);
            }
        }
        assertThat(plan(within().run(Optional.of(Backups.run(Backups.reports(null))))))
                .as("a report that cannot be true")
                .isInstanceOf(Fail.class);
    }

    /** Its status says so before and after it fails. */
    @Test
    void withoutStartWithinThereIsOneAttempt() {
        BackupFacts running = running(progress(0)).build();
        assertThat(status(running).conditions().getFirst().getMessage())
                .endsWith("; there is one attempt, as spec.startWithin is not set");
        Fail fail = (Fail) plan(running(failed(Reason.GuestNotHere)));
        assertThat(fail.problem().reason()).isEqualTo(Reason.GuestNotHere);
        assertThat(fail.problem().message())
                .isEqualTo("node host-a gave it up: why; there is one attempt, as spec.startWithin is not set"
                        + "; to try again, create another VMBackup");
    }

    @Test
    void theStatusSaysHowOftenItWasWhenTheNextOneBeginsAndUntilWhen() {
        BackupFacts facts = within().run(Optional.of(Backups.run(failed(Reason.GuestNotHere))))
                .build();

        VMBackupStatus status = status(facts);

        assertThat(status.phase()).isEqualTo(Phase.Pending);
        assertThat(status.completionTime()).isNull();
        assertThat(status.backupUID()).as("none is being made").isNull();
        assertThat(status.nodeName()).as("the next one may be another node's").isNull();
        assertThat(status.retry().failedAttempts()).isEqualTo(1);
        assertThat(status.retry().lastUID()).isEqualTo(Backups.RUN_UID);
        assertThat(status.conditions()).first().satisfies(completed -> {
            assertThat(completed.getStatus()).isEqualTo("Unknown");
            assertThat(completed.getReason()).isEqualTo("GuestNotHere");
            assertThat(completed.getMessage())
                    .isEqualTo("attempt 1 failed: node host-a gave it up: why; the next one begins after " + LATER
                            + ", if it can until 2026-01-01T17:59:00Z (spec.startWithin)");
        });
    }

    @Test
    void whatARunningOneSaysHasTheNumberOfTheAttempt() {
        VMBackup second = Backups.retried(1, Backups.CREATED);
        VMBackupStatus status = status(
                running(progress(0)).backup(second).run(Optional.of(another())).build());

        assertThat(status.phase()).isEqualTo(Phase.Running);
        assertThat(status.backupUID()).isEqualTo(another().getMetadata().getUid());
        assertThat(status.conditions().getFirst().getMessage()).contains("; attempt 2, and");
    }

    @Test
    void thePausesGrowToHalfAnHour() {
        List<Long> minutes = new ArrayList<>();
        for (int failed = 0; failed < 8; failed++) {
            VMBackup backup = failed == 0 ? within().build().backup() : Backups.retried(failed, Backups.CREATED);
            minutes.add(Duration.between(
                            Backups.NOW,
                            BackupAttempts.next(backup, Reason.GuestNotHere, Backups.NOW)
                                    .orElseThrow())
                    .toMinutes());
        }
        assertThat(minutes).containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L, 30L);
    }

    @Test
    void theRunBeforeMustBeGoneAndThePauseOverBeforeTheNextOneBegins() {
        VMBackup waits = Backups.retried(1, LATER);
        VMBackup due = Backups.retried(1, Backups.CREATED);
        BackupRun before = Backups.run(failed(Reason.GuestNotHere));

        assertPends(facts().backup(waits), "attempt 1 failed: node host-a gave it up");
        assertPends(facts().backup(due).run(Optional.of(before)), "attempt 1 failed");
        assertThat(plan(facts().backup(due))).isInstanceOf(Begin.class);
    }

    /** The operator's clock was ahead when it wrote the time. */
    @Test
    void aTimeThatNoPauseReachesIsNotWaitedFor() {
        assertThat(plan(facts().backup(Backups.retried(1, "2030-01-01T00:00:00Z"))))
                .isInstanceOf(Begin.class);
    }

    @Test
    void nothingBeginsAfterStartWithin() {
        Instant late = Instant.parse("2026-01-01T17:59:01Z");
        Fail given =
                (Fail) plan(facts().backup(Backups.retried(3, Backups.CREATED)).now(late));
        assertThat(given.problem().reason()).isEqualTo(Reason.GuestNotHere);
        assertThat(given.problem().message())
                .isEqualTo(
                        "attempt 3, the last one that could begin within 6h (spec.startWithin), failed: node host-a gave it up"
                                + "; to try again, create another VMBackup");

        Fail last = (Fail) plan(within().run(Optional.of(Backups.run(failed(Reason.GuestNotHere))))
                .now(Instant.parse("2026-01-01T17:58:30Z")));
        assertThat(last.problem().message()).contains("it was attempt 1, and none begins after 6h");

        Fail never = (Fail) plan(facts().backup(within().build().backup())
                .vm(Optional.empty())
                .backup(Backups.within(Backups.backup("payroll-1", Backups.UID, Backups.CREATED)))
                .now(late));
        assertThat(never.problem().message())
                .startsWith("it could not begin within 6h (spec.startWithin): there is no TrustedLaunchVM payroll");
    }

    /** The record of a failure names the files that it may have left, for the removal of the VMBackup. */
    @Test
    void theRecordOfAFailureNamesTheFolderOfTheLastAttempt() {
        BackupFacts facts = facts().backup(Backups.retried(3, Backups.CREATED))
                .now(Instant.parse("2026-01-01T17:59:01Z"))
                .build();
        assertThat(status(facts).backupUID()).isEqualTo(Backups.RUN_UID);
        assertThat(status(facts).phase()).isEqualTo(Phase.Failed);
    }

    /** Its schedule cancels one that never began, and counts it. */
    @Test
    void oneOfAScheduleThatNeverBeganIsLeftToTheSchedule() {
        VMBackup backup = Backups.within(Backups.backup("payroll-1", Backups.UID, Backups.CREATED));
        backup.getMetadata().setLabels(Map.of(Api.LABEL_BACKUP_SCHEDULE, "nightly"));
        assertThat(plan(facts().backup(backup).vm(Optional.empty()).now(Backups.NOW.plus(Duration.ofDays(1)))))
                .isInstanceOf(Pending.class);
    }

    /** One that waited for a place of its schedule has no more time because of that. */
    @Test
    void theTimeOfTheScheduleCounts() {
        VMBackup backup = Backups.within(Backups.backup("payroll-1", Backups.UID, "2026-01-01T11:00:00Z"));
        backup.getMetadata().setAnnotations(Map.of(Api.SCHEDULED_AT, "2026-01-01T08:00:00Z"));
        assertThat(BackupAttempts.deadline(backup)).contains(Instant.parse("2026-01-01T14:05:00Z"));
        backup.getMetadata().setAnnotations(Map.of(Api.SCHEDULED_AT, "2026-01-01T10:57:00Z"));
        assertThat(BackupAttempts.deadline(backup)).contains(Instant.parse("2026-01-01T17:00:00Z"));
        for (String wrong : List.of("2036-01-01T08:00:00Z", "yesterday")) {
            backup.getMetadata().setAnnotations(Map.of(Api.SCHEDULED_AT, wrong));
            assertThat(BackupAttempts.deadline(backup)).contains(Instant.parse("2026-01-01T17:00:00Z"));
        }
    }

    /** Its agent sees that the guest is gone, too, and reports when it has removed everything. */
    @Test
    void aRunWhoseGuestHasLeftIsEndedByItsAgentBeforeItIsTriedAgain() {
        BackupFactsBuilder left = within().vm(Optional.of(Backups.vm(status -> status.nodeName("host-b"))));
        VMBackupStatus status = status(left.build());
        assertThat(plan(left)).isInstanceOf(Ending.class);
        assertThat(status.phase()).isEqualTo(Phase.Running);
        assertThat(status.backupUID()).isEqualTo(Backups.RUN_UID);
        assertThat(status.conditions().getFirst().getMessage())
                .endsWith("; it is tried again once node host-a has removed what it has made of it");

        assertThat(plan(left.run(Optional.of(Backups.run(failed(Reason.BackupGaveWay))))))
                .isInstanceOf(Retry.class);
        assertThat(plan(left.run(Optional.of(Backups.run(progress(10)))).now(Instant.parse("2026-01-01T17:59:01Z"))))
                .as("the time is over: its run is removed")
                .isInstanceOf(Fail.class);
    }

    @Test
    void aRunThatNobodyWorksOnNeedsNoReport() {
        assertThat(plan(within().nodeDead(true))).as("a dead node").isInstanceOf(Retry.class);
        BackupRun withoutUrls =
                Backups.run(null, spec -> spec.location(BackupLocations.bucketRef("nas", Backups.BUCKET.url())));
        assertThat(plan(within().run(Optional.of(withoutUrls))
                        .vm(Optional.of(Backups.vm(status -> status.nodeName("host-b"))))))
                .as("its agent waits for what it may ask of the bucket")
                .isInstanceOf(Retry.class);
    }

    @Test
    void aVmThatIsDeletedIsNotTriedAgainAndNoneIsAdvised() {
        TrustedLaunchVM deleted = Backups.vm(status -> status);
        deleted.getMetadata().setDeletionTimestamp(Backups.CREATED);
        for (Optional<TrustedLaunchVM> vm : List.of(Optional.of(deleted), Optional.<TrustedLaunchVM>empty())) {
            for (BackupFactsBuilder facts : List.of(
                    within().vm(vm).run(Optional.of(Backups.run(failed(Reason.GuestNotHere)))),
                    facts().backup(Backups.retried(1, Backups.CREATED)).vm(vm))) {
                BackupStep step = plan(facts);
                assertThat(step).isInstanceOf(Fail.class);
                assertThat(((Fail) step).problem().message()).doesNotContain("create another", "attempt,");
            }
        }
        TrustedLaunchVM another = Backups.vm(status -> status);
        another.getMetadata().setUid("00000000-0000-4000-8000-0000000000ee");
        assertThat(plan(facts().backup(Backups.retried(1, Backups.CREATED)).vm(Optional.of(another))))
                .as("of the same name")
                .isInstanceOf(Fail.class);
    }

    @Test
    void oneThatWaitsForItsNextAttemptHoldsUpNoOther() {
        VMBackup earlier = Backups.retried(1, LATER);
        earlier.getMetadata().setName("earlier");
        earlier.getMetadata().setCreationTimestamp("2026-01-01T11:00:00Z");
        assertThat(plan(facts().others(List.of(earlier)))).isInstanceOf(Begin.class);

        VMBackup due = Backups.retried(1, Backups.CREATED);
        due.getMetadata().setName("due");
        due.getMetadata().setCreationTimestamp("2026-01-01T11:00:00Z");
        assertPends(facts().others(List.of(due)), "VMBackup due of the same VM comes first");
    }

    @Test
    void oneEventForTheBackupAndOneForItsVmSayThatItHasFailed() {
        BackupFacts facts = running(failed(Reason.NoSpace)).build();
        BackupEvents events = BackupEvents.of(facts.backup(), status(facts));

        assertThat(events.ofBackup()).hasValueSatisfying(event -> {
            assertThat(event.reason()).isEqualTo(Reason.BackupFailed);
            assertThat(event.message()).startsWith("NoSpace: node host-a gave it up: why");
        });
        assertThat(events.ofVm())
                .hasValueSatisfying(event ->
                        assertThat(event.message()).startsWith("VMBackup payroll-1: NoSpace: node host-a gave it up"));

        VMBackup ended = facts.backup();
        ended.setStatus(status(facts));
        assertThat(BackupEvents.of(ended, ended.getStatus()).ofVm()).as("once").isEmpty();
        BackupFacts again = within().run(Optional.of(Backups.run(failed(Reason.GuestNotHere))))
                .build();
        assertThat(BackupEvents.of(again.backup(), status(again)).ofBackup())
                .as("it is tried again")
                .isEmpty();
    }

    private static BackupFactsBuilder within() {
        return running(progress(10)).backup(Backups.within(Backups.begun()));
    }

    /** Of the next attempt. */
    private static BackupRun another() {
        BackupRun run = Backups.run(progress(0));
        run.getMetadata().setUid("00000000-0000-4000-8000-0000000000b2");
        return run;
    }

    private static BackupRunStatus failed(Reason reason) {
        return new BackupRunStatus(RunPhase.Failed, null, null, reason.name(), "why");
    }

    private static BackupStep plan(BackupFactsBuilder facts) {
        return BackupPlanner.plan(facts.build());
    }

    private static VMBackupStatus status(BackupFacts facts) {
        return ((BackupStep.Report) BackupPlanner.plan(facts)).status(new BackupStatus(facts));
    }

    private static void assertPends(BackupFactsBuilder facts, String message) {
        BackupStep step = plan(facts);
        assertThat(step).isInstanceOf(Pending.class);
        assertThat(((Pending) step).problem().message()).contains(message);
    }

    @Nested
    class TheNextAttempt extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return Duration.ofMinutes(30);
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            return BackupAttempts.isPausing(
                    Backups.retried(6, since.plus(pause()).toString()), now);
        }
    }
}
