package io.trustedlaunch.operator.backupschedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupScheduleSpecBuilder;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SchedulePlannerTest {
    private static final String NIGHT = "2026-01-02T02:00:00Z";
    private static final String MORNING = "2026-01-02T07:00:00Z";

    private final ScheduleWorld world = new ScheduleWorld(spec -> spec.mode(BackupMode.Full));

    @Test
    void aVmIsBackedUpSoonAfterTheTimeOfTheSchedule() {
        world.vm(1);
        assertThat(world.pass().create()).isEmpty();
        assertThat(world.status().nextScheduleTime()).isEqualTo(NIGHT);
        world.until(MORNING, () -> {});

        VMBackup backup = world.backups.values().iterator().next();
        assertThat(world.backups).hasSize(1);
        assertThat(backup.getMetadata().getName()).startsWith("vm-1-202601020200-");
        assertThat(backup.getMetadata().getLabels()).containsEntry(Api.LABEL_BACKUP_SCHEDULE, "nightly");
        assertThat(ScheduledBackups.time(backup)).isEqualTo(NIGHT);
        assertThat(backup.getSpec().vmRef().name()).isEqualTo("vm-1");
        assertThat(backup.getSpec().locationRef().name()).isEqualTo("nas");
        assertThat(backup.getSpec().mode()).isEqualTo(BackupMode.Full);
        assertThat(Duration.between(
                        Instant.parse(NIGHT), Instant.parse(backup.getMetadata().getCreationTimestamp())))
                .isBetween(Duration.ZERO, Duration.ofMinutes(5));
        assertThat(world.status().lastScheduleTime()).isEqualTo(NIGHT);
        assertThat(world.status().nextScheduleTime()).isEqualTo("2026-01-03T02:00:00Z");
        assertThat(world.status().active()).isEqualTo(1);
        assertThat(world.status().missed()).isZero();
    }

    @Test
    void vmsBeginOneAfterTheOtherAtInstantsOfTheirOwnThatStay() {
        TrustedLaunchVM one = world.vm(1);
        TrustedLaunchVM two = world.vm(2);
        Duration window = Duration.ofMinutes(5);
        Duration delay = ScheduledBackups.delay(world.schedule, one, window);
        assertThat(delay)
                .isNotEqualTo(ScheduledBackups.delay(world.schedule, two, window))
                .isLessThan(window);
        assertThat(ScheduledBackups.delay(world.schedule, one, window)).isEqualTo(delay);
        world.until(MORNING, world::endAll);
        assertThat(world.backups.values())
                .extracting(backup -> backup.getMetadata().getCreationTimestamp())
                .doesNotHaveDuplicates();
    }

    @Test
    void onlyVmsThatAreSelectedAndHaveRunAreBackedUp() {
        world.vm(1).getMetadata().setLabels(Map.of("backup", "weekly"));
        TrustedLaunchVM halted = world.vm(2);
        halted.setSpec(TrustedLaunchVMSpecBuilder.builder(halted.getSpec())
                .runStrategy(RunStrategy.Halted)
                .build());
        world.vm(3).getMetadata().setDeletionTimestamp(MORNING);
        world.vm(4);
        world.until(MORNING, world::endAll);
        assertThat(world.backups.values())
                .extracting(backup -> backup.getSpec().vmRef().name())
                .containsExactly("vm-4");
        assertThat(world.status().missed()).isZero();
    }

    @Test
    void aVmThatIsOffIsBackedUpOnce() {
        world.location.orElseThrow().getMetadata().setCreationTimestamp("2025-06-01T00:00:00Z");
        TrustedLaunchVM vm = world.vm(1);
        ScheduleWorld.turnOff(vm, world.now, null);
        world.until("2026-01-04T12:00:00Z", world::completeAll);
        assertThat(world.backups).hasSize(1);
        assertThat(world.status().missed()).isZero();
        assertThat(ConditionType.BackupOverdue.in(world.status().conditions()))
                .hasValueSatisfying(overdue -> assertThat(overdue.getStatus()).isEqualTo("False"));

        // It has run meanwhile.
        ScheduleWorld.turnOff(vm, world.now, null);
        world.until("2026-01-06T12:00:00Z", world::completeAll);
        assertThat(world.backups).hasSize(2);

        // It was put back to a backup while it was off.
        ScheduleWorld.turnOff(vm, ScheduleWorld.CREATED, world.now);
        world.until("2026-01-08T12:00:00Z", world::completeAll);
        assertThat(world.backups).hasSize(3);
    }

    @Test
    void asManyAsAllowedAreMadeAtATime() {
        world.spec(spec -> spec.parallel(2));
        for (int vm = 0; vm < 5; vm++) {
            world.vm(vm);
        }
        world.until(
                "2026-01-02T02:30:00Z", () -> assertThat(world.facts().open()).hasSizeLessThanOrEqualTo(2));
        assertThat(world.backups).hasSize(2);
        world.end(world.facts().open().getFirst(), Phase.Failed);
        assertThat(world.pass().create()).hasSize(1);
        world.until("2026-01-02T03:00:00Z", () -> {
            assertThat(world.facts().open()).hasSizeLessThanOrEqualTo(2);
            world.endAll();
        });
        assertThat(world.backups).hasSize(5);
    }

    @Test
    void oneThatWaitsForItsVmTakesNoTurnOfAnotherAndIsCancelledInTheEnd() {
        world.spec(spec -> spec.parallel(1));
        // The one that is due first.
        ScheduleWorld.run(world.vm(2), false);
        world.vm(1);
        world.until("2026-01-02T02:30:00Z", () -> {});
        assertThat(world.backups).as("both").hasSize(2);
        VMBackup other = world.backups.values().stream()
                .filter(backup -> backup.getSpec().vmRef().name().equals("vm-1"))
                .findFirst()
                .orElseThrow();
        world.end(other, Phase.Completed);

        world.now = Instant.parse("2026-01-02T08:05:01Z");
        SchedulePlan plan = world.pass();
        assertThat(plan.cancel())
                .extracting(backup -> backup.getSpec().vmRef().name())
                .containsExactly("vm-2");
        assertThat(plan.missed()).singleElement().asString().contains("vm-2").contains("could not begin in time");
        assertThat(world.status().missed()).isEqualTo(1);
        assertThat(world.plan().missed()).isEmpty();
    }

    @Test
    void oneThatHasBegunIsNeverCancelled() {
        world.vm(1);
        world.until("2026-01-02T02:30:00Z", () -> {});
        world.begin(world.facts().open().getFirst());
        world.now = Instant.parse("2026-01-02T12:00:00Z");
        assertThat(world.plan().cancel()).isEmpty();
    }

    /** Its controller ends it when its time is over, with the reason of its last attempt. */
    @Test
    void oneThatWasTriedIsNotCancelled() {
        world.vm(1);
        world.until("2026-01-02T02:30:00Z", () -> {});
        VMBackup backup = world.facts().open().getFirst();
        assertThat(backup.getSpec().startWithin()).isEqualTo("6h");
        backup.setStatus(VMBackupStatusBuilder.builder()
                .phase(Phase.Pending)
                .retry(new VMBackupStatus.Retry(1, "uid", "2026-01-02T02:31:00Z", "GuestNotHere", "why"))
                .build());
        world.now = Instant.parse("2026-01-02T12:00:00Z");
        assertThat(world.plan().cancel()).isEmpty();
        assertThat(world.plan().missed()).isEmpty();
    }

    @Test
    void aVmWhoseBackupBeforeHasNotEndedIsLeftOutAndThatIsSaid() {
        world.vm(1);
        world.until("2026-01-02T02:30:00Z", () -> {});
        world.begin(world.facts().open().getFirst());
        world.until("2026-01-03T02:30:00Z", () -> {});
        assertThat(world.backups).hasSize(1);
        assertThat(world.status().missed()).isEqualTo(1);
    }

    @Test
    void ofTheTimesWithoutAnOperatorOnlyTheLastIsMadeUpForIfItIsNotTooLate() {
        world.vm(1);
        world.pass();
        world.now = Instant.parse("2026-01-05T07:59:00Z");
        SchedulePlan plan = world.pass();
        assertThat(plan.create())
                .singleElement()
                .satisfies(backup -> assertThat(ScheduledBackups.time(backup)).isEqualTo("2026-01-05T02:00:00Z"));
        assertThat(plan.missed())
                .containsExactly(
                        "vm-1 (of 2026-01-04T02:00:00Z)",
                        "vm-1 (of 2026-01-03T02:00:00Z)",
                        "vm-1 (of 2026-01-02T02:00:00Z)");
        assertThat(world.status().missed()).isEqualTo(3);
        assertThat(world.pass().missed()).isEmpty();
    }

    @Test
    void whatIsTooLateIsSaidAndNotMadeUpFor() {
        world.vm(1);
        world.pass();
        world.now = Instant.parse("2026-01-02T08:05:01Z");
        SchedulePlan plan = world.pass();
        assertThat(plan.create()).isEmpty();
        assertThat(plan.missed()).containsExactly("vm-1 (its turn did not come in time)");
        assertThat(ScheduleReconciler.events(world.facts(), plan))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.reason()).isEqualTo(Reason.BackupsMissed);
                    assertThat(event.message())
                            .isEqualTo("1 backups were not made: vm-1 (its turn did not come in time)");
                });
        assertThat(world.status().lastScheduleTime()).isNull();
        assertThat(world.pass().missed()).isEmpty();
    }

    @Test
    void aVmBackupThatAPersonDeletesIsNotCreatedAgain() {
        world.vm(1);
        world.until("2026-01-02T02:30:00Z", () -> {});
        world.backups.clear();
        assertThat(world.pass().create()).isEmpty();
        assertThat(world.status().missed()).isZero();
    }

    @Test
    void aSuspendedScheduleMakesNoneAndMakesUpForNone() {
        world.vm(1);
        world.spec(spec -> spec.suspend(true));
        world.until(MORNING, () -> {});
        assertThat(world.backups).isEmpty();
        assertThat(world.status().nextScheduleTime()).isNull();
        assertThat(reason(ConditionType.Ready)).isEqualTo(Reason.ScheduleSuspended.name());
        assertThat(ConditionType.Ready.in(world.status().conditions())
                        .orElseThrow()
                        .getStatus())
                .as("it is as its spec requests")
                .isEqualTo("True");
        world.spec(spec -> spec.suspend(false));
        assertThat(world.pass().create()).isEmpty();
        assertThat(world.status().missed()).isZero();
        world.until("2026-01-03T07:00:00Z", () -> {});
        assertThat(world.backups).hasSize(1);
    }

    @Test
    void aScheduleWithoutItsLocationWaitsForItUntilItIsTooLate() {
        world.vm(1);
        world.location = Optional.empty();
        world.until("2026-01-02T03:00:00Z", () -> {});
        assertThat(reason(ConditionType.Ready)).isEqualTo(Reason.BackupLocationNotFound.name());
        world.location = Optional.of(ScheduleWorld.location(List.of("sales")));
        world.pass();
        assertThat(reason(ConditionType.Ready)).isEqualTo(Reason.NamespaceNotAllowed.name());
        assertThat(world.backups).isEmpty();
        world.location = Optional.of(ScheduleWorld.location(List.of("sales", "finance")));
        assertThat(world.pass().create()).hasSize(1);
        assertThat(reason(ConditionType.Ready)).isEqualTo(Reason.ScheduleReady.name());
    }

    @Test
    void aScheduleWhoseLocationMeansNoStoreWaitsForThat() {
        world.vm(1);
        BackupLocation unnamed = ScheduleWorld.location(List.of());
        unnamed.setSpec(
                BackupLocationSpecBuilder.builder(unnamed.getSpec()).id(null).build());
        world.location = Optional.of(unnamed);
        world.until("2026-01-02T03:00:00Z", () -> {});
        assertThat(reason(ConditionType.Ready)).isEqualTo(Reason.BackupLocationNotInitialized.name());
        assertThat(world.backups).isEmpty();
        world.location = Optional.of(ScheduleWorld.location(List.of()));
        assertThat(world.pass().create()).hasSize(1);
    }

    @Test
    void whatIsNoScheduleIsAConditionAndNothingIsDone() {
        world.vm(1);
        world.spec(spec -> spec.schedule("0 26 * * *"));
        world.pass();
        assertThat(reason(ConditionType.Ready)).isEqualTo(Reason.ScheduleInvalid.name());
        world.spec(spec -> spec.schedule("0 0 31 2 *"));
        world.pass();
        assertThat(reason(ConditionType.Ready)).isEqualTo(Reason.ScheduleInvalid.name());
        world.spec(spec -> spec.schedule("0 2 * * *").timeZone("Europe/Atlantis"));
        world.pass();
        assertThat(reason(ConditionType.Ready)).isEqualTo(Reason.ScheduleInvalid.name());
    }

    @Test
    void aVmWithoutACompletedBackupIsOverdueOnceItIsTooLate() {
        world.vm(1);
        world.vm(2);
        world.until(
                "2026-01-02T08:00:00Z",
                () -> world.backups.values().stream()
                        .filter(backup -> backup.getSpec().vmRef().name().equals("vm-2"))
                        .forEach(backup -> world.end(backup, Phase.Failed)));
        world.backups.values().stream()
                .filter(backup -> !backup.hasEnded())
                .forEach(backup -> world.end(backup, Phase.Completed));
        assertThat(reason(ConditionType.BackupOverdue)).isEqualTo(Reason.BackupsCurrent.name());
        world.now = Instant.parse("2026-01-02T08:05:01Z");
        world.pass();
        assertThat(reason(ConditionType.BackupOverdue)).isEqualTo(Reason.BackupsOverdue.name());
        assertThat(ConditionType.BackupOverdue.in(world.status().conditions())
                        .orElseThrow()
                        .getMessage())
                .startsWith("1 VM has no completed backup of it since 2026-01-02T02:00:00Z: vm-2;");
        assertThat(world.status().lastSuccessfulTime()).isEqualTo("2026-01-02T08:00:00Z");
    }

    @Test
    void aVmThatIsNewerThanTheTimeIsNotOverdue() {
        world.vm(1).getMetadata().setCreationTimestamp("2026-01-02T02:30:00Z");
        world.now = Instant.parse("2026-01-02T12:00:00Z");
        world.pass();
        assertThat(reason(ConditionType.BackupOverdue)).isEqualTo(Reason.BackupsCurrent.name());
    }

    @Test
    void aLongNameIsCutAndStillTheVmsOwn() {
        TrustedLaunchVM vm = world.vm(1);
        vm.getMetadata().setName("a".repeat(199) + ".b" + "c".repeat(40));
        String name = ScheduledBackups.name(world.schedule, vm, Instant.parse(NIGHT));
        assertThat(name).startsWith("a".repeat(199) + "-202601020200-").hasSizeLessThanOrEqualTo(253);
        vm.getMetadata().setUid(ScheduleWorld.uid(2));
        assertThat(ScheduledBackups.name(world.schedule, vm, Instant.parse(NIGHT)))
                .isNotEqualTo(name);
    }

    @Test
    void aScheduleEveryMinuteHasASmallWindow() {
        world.spec((VMBackupScheduleSpecBuilder spec) -> spec.schedule("* * * * *"));
        world.vm(1);
        world.until("2026-01-01T12:10:30Z", world::endAll);
        assertThat(world.backups).hasSize(10);
        assertThat(world.status().missed()).isZero();
    }

    private String reason(ConditionType type) {
        return type.in(world.status().conditions()).orElseThrow().getReason();
    }
}
