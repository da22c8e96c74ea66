package io.trustedlaunch.operator.backupschedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupScheduleSpec.Keep;
import io.trustedlaunch.api.backup.VMBackupScheduleSpec.Verify;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.backup.VMBackupStatus.Verification;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.testkit.BackupLocations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetentionPlannerTest {
    private final ScheduleWorld world = new ScheduleWorld(spec ->
            spec.keep(new Keep(2, 0, 0, 0, 0)).verify(new Verify("168h")).parallel(2));
    private final List<VMBackup> own = new ArrayList<>();
    private final List<VMBackup> all = new ArrayList<>();

    RetentionPlannerTest() {
        world.now = Instant.parse("2026-02-01T12:00:00Z");
        world.location.orElseThrow().getMetadata().setCreationTimestamp(ScheduleWorld.CREATED.toString());
    }

    private VMBackup backup(int vm, int day, boolean isOwn) {
        VMBackup backup = new VMBackup();
        String time = ScheduleWorld.CREATED.plus(Duration.ofDays(day)).toString();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("vm-" + vm + "-" + day)
                .withUid(uid(2, vm, day))
                .withCreationTimestamp(time)
                .withAnnotations(Map.of(Api.SCHEDULED_AT, time))
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("vm-" + vm), new ObjectRef("nas"), BackupMode.Auto));
        backup.setStatus(VMBackupStatusBuilder.builder()
                .phase(Phase.Completed)
                .vmUID(ScheduleWorld.uid(vm))
                .backupUID(uid(3, vm, day))
                .locationID(BackupLocations.ID.toString())
                .startTime(time)
                .completionTime(time)
                .result(BackupResultBuilder.builder()
                        .indexSHA256("ab".repeat(32))
                        .time(time)
                        .build())
                .build());
        all.add(backup);
        if (isOwn) {
            own.add(backup);
        }
        return backup;
    }

    private static String uid(int kind, int vm, int day) {
        return String.format("%08d-0000-4000-8000-%06d%06d", kind, vm, day);
    }

    private static void verified(VMBackup backup, boolean whole, String time) {
        backup.setStatus(VMBackupStatusBuilder.builder(backup.getStatus())
                .verification(new Verification(time, time, time))
                .conditions(List.of(new ConditionBuilder()
                        .withType("Verified")
                        .withStatus(whole ? "True" : "False")
                        .build()))
                .build());
    }

    private ScheduleFacts facts() {
        return ScheduleFactsBuilder.builder(world.facts()).backups(own).all(all).build();
    }

    private List<String> expired() {
        return RetentionPlanner.expired(facts()).stream()
                .map(backup -> backup.getMetadata().getName())
                .toList();
    }

    private List<String> unverified() {
        return VerificationPlanner.due(facts()).stream()
                .map(due -> due.backup().getMetadata().getName())
                .toList();
    }

    @Test
    void ofEachVmThoseExpireThatNoRuleKeeps() {
        for (int vm = 1; vm <= 2; vm++) {
            for (int day = 1; day <= 4; day++) {
                backup(vm, day, true);
            }
        }
        assertThat(expired()).containsExactlyInAnyOrder("vm-1-2", "vm-1-1", "vm-2-2", "vm-2-1");
    }

    @Test
    void withoutKeepNothingExpires() {
        for (int day = 1; day < 9; day++) {
            backup(1, day, true);
        }
        assertThat(expired()).hasSize(6);
        world.spec(spec -> spec.keep(null));
        assertThat(expired()).isEmpty();
    }

    /** Damaged ones would push out those that can be restored. */
    @Test
    void whatIsDamagedDoesNotCount() {
        backup(1, 1, true);
        backup(1, 2, true);
        verified(backup(1, 3, true), false, "2026-01-04T12:00:00Z");
        backup(1, 5, true);
        assertThat(expired()).containsExactlyInAnyOrder("vm-1-3", "vm-1-1");
    }

    /** Without its record the next backup would be built on others, which may have the same damage. */
    @Test
    void whatIsDamagedStaysUntilTheVmHasABackupThatWasBegunAfterwards() {
        backup(1, 1, true);
        verified(backup(1, 3, true), false, "2026-01-20T00:00:00Z");
        backup(1, 4, true);
        assertThat(expired()).isEmpty();
        assertThat(RetentionPlanner.kept(facts())).hasValueSatisfying(kept -> {
            assertThat(kept.damaged()).isEqualTo(1);
            assertThat(kept.total()).isEqualTo(3);
        });
        verified(backup(1, 20, true), false, "2026-01-25T00:00:00Z");
        assertThat(expired()).as("damaged itself").isEmpty();
        backup(1, 26, true);
        assertThat(expired()).containsExactlyInAnyOrder("vm-1-1", "vm-1-3", "vm-1-20");
    }

    @Test
    void whatAUserMadeCountsNothingAndStays() {
        backup(1, 1, true);
        backup(1, 2, false);
        backup(1, 3, true);
        backup(1, 4, true);
        backup(1, 5, true);
        backup(1, 6, false);
        assertThat(expired()).containsExactly("vm-1-3", "vm-1-1");
    }

    @Test
    void whatIsBeingRemovedIsNotRequestedAgain() {
        backup(1, 1, true).getMetadata().setAnnotations(Map.of(Api.REMOVE_BACKUP, "true"));
        backup(1, 2, true);
        backup(1, 3, true);
        assertThat(expired()).isEmpty();
    }

    @Test
    void ofTheFailedOnesTheLastAreKept() {
        fiveFailed();
        assertThat(expired()).containsExactly("vm-1-2", "vm-1-1");
    }

    private void fiveFailed() {
        for (int day = 1; day < 6; day++) {
            VMBackup failed = backup(1, day, true);
            failed.setStatus(VMBackupStatusBuilder.builder(failed.getStatus())
                    .phase(Phase.Failed)
                    .result(null)
                    .build());
        }
    }

    /** It is the 31st day, so that the one of the 4th is 648 hours old. */
    @Test
    void whatTheLocationKeepsForAMinimumTimeIsNotRequestedAndCounted() {
        for (int day = 1; day < 7; day++) {
            backup(1, day, true);
        }
        backup(1, 7, true);
        retain("649h");
        assertThat(expired()).as("those before the 4th").containsExactly("vm-1-3", "vm-1-2", "vm-1-1");
        assertThat(RetentionPlanner.kept(facts())).hasValueSatisfying(kept -> {
            assertThat(kept.minimumRetention()).isEqualTo(2);
            assertThat(kept.last()).isEqualTo(2);
            assertThat(kept.total()).isEqualTo(4);
        });
        retain("721h");
        assertThat(expired()).isEmpty();
    }

    @Test
    void failedOnesStayForTheMinimumTimeToo() {
        fiveFailed();
        retain("697h");
        assertThat(expired()).containsExactly("vm-1-1");
    }

    private void retain(String minimumRetention) {
        BackupLocation location = world.location.orElseThrow();
        location.setSpec(BackupLocationSpecBuilder.builder(location.getSpec())
                .minimumRetention(minimumRetention)
                .build());
    }

    @Test
    void whatIsInAnotherStoreOfThatNameStays() {
        for (int day = 1; day < 6; day++) {
            backup(1, day, true);
        }
        BackupLocation location = world.location.orElseThrow();
        location.getMetadata().setCreationTimestamp("2026-01-31T00:00:00Z");
        assertThat(expired()).as("created again, the same store").isNotEmpty();
        location.setSpec(BackupLocationSpecBuilder.builder(location.getSpec())
                .id(uid(9, 9, 9))
                .build());
        assertThat(expired()).isEmpty();
    }

    @Test
    void ofEachVmTheNewestIsFirstWhenOneWasReadTooLongAgo() {
        backup(1, 30, true);
        backup(1, 31, true);
        verified(backup(2, 1, true), true, "2026-01-26T00:00:00Z");
        backup(2, 30, true);
        verified(backup(3, 1, true), true, "2026-01-25T00:00:00Z");
        assertThat(unverified()).containsExactly("vm-3-1", "vm-1-31");
        world.spec(spec -> spec.verify(null));
        assertThat(unverified()).isEmpty();
    }

    @Test
    void asManyAreVerifiedAtATimeAsAreMade() {
        for (int vm = 1; vm < 6; vm++) {
            backup(vm, 1, true);
        }
        assertThat(unverified()).hasSize(2);
        own.getFirst().getMetadata().setAnnotations(Map.of(Api.VERIFY_BACKUP, "2026-02-01T11:00:00Z"));
        assertThat(unverified()).containsExactly("vm-2-1");
    }

    /** There may be more to read than time for it. */
    @Test
    void theVmThatWasReadLeastLatelyIsVerifiedFirst() {
        verified(backup(1, 1, true), true, "2026-01-22T00:00:00Z");
        verified(backup(2, 1, true), true, "2026-01-21T00:00:00Z");
        backup(3, 1, true);
        assertThat(unverified()).containsExactly("vm-3-1", "vm-2-1");
    }

    /** In one round; what another schedule has made is verified as that one says. */
    @Test
    void thoseOfTheSameVmThatNoScheduleMadeAreVerifiedToo() {
        VMBackup own = backup(1, 31, true);
        VMBackup byHand = backup(1, 1, false);
        backup(1, 2, false).getMetadata().setLabels(Map.of(Api.LABEL_BACKUP_SCHEDULE, "weekly"));
        backup(2, 1, false);
        assertThat(unverified()).containsExactly("vm-1-31");
        readInRound(own);
        assertThat(unverified()).containsExactly("vm-1-1");
        world.spec(spec -> spec.suspend(true));
        assertThat(unverified()).isEmpty();
        world.spec(spec -> spec.suspend(false));
        readInRound(byHand);
        assertThat(unverified()).isEmpty();
    }

    private void readInRound(VMBackup backup) {
        VerificationPlanner.Due due = VerificationPlanner.due(facts()).getFirst();
        String now = world.now.toString();
        assertThat(due.request()).isEqualTo("2026-02-01T11:55:00Z/" + now);
        verified(backup, true, now);
        backup.setStatus(VMBackupStatusBuilder.builder(backup.getStatus())
                .verification(new Verification(due.request(), now, "2026-02-01T11:55:01Z"))
                .build());
    }
}
