package io.trustedlaunch.operator.backupschedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupScheduleSpec.Keep;
import io.trustedlaunch.api.backup.VMBackupScheduleSpec.Verify;
import io.trustedlaunch.api.backup.VMBackupStatus.Verification;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JumpingClocksTest {
    private static final Instant NOON = Instant.parse("2026-01-20T12:00:00Z");

    private final ScheduleWorld world = new ScheduleWorld(spec -> spec.keep(new Keep(3, 0, 0, 0, 0)));

    JumpingClocksTest() {
        world.location
                .orElseThrow()
                .getMetadata()
                .setCreationTimestamp(
                        ScheduleWorld.CREATED.minus(Duration.ofDays(3000)).toString());
    }

    /** All clocks, so that no second one contradicts. */
    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "P1D", "P1461D", "PT-1H", "P-1D", "P-1461D"})
    void aScheduleGoesOnAfterOnePassWithAWrongClock(Duration jump) {
        world.vm(1);
        world.until(NOON.toString(), world::completeAll);
        world.now = NOON.plus(jump);
        world.pass();
        world.completeAll();
        world.now = NOON.plusSeconds(60);
        int before = world.created.size();
        world.until("2026-01-30T12:00:00Z", world::completeAll);
        List<String> since = world.created.subList(before, world.created.size());
        assertThat(since).as("a night each").hasSize(10);
        assertThat(condition(ConditionType.BackupOverdue).getStatus()).isEqualTo("False");
        assertThat(world.facts().handledUntil()).isBeforeOrEqualTo(world.now);
    }

    /** It says so in the one pass in which it is found, and what was recorded goes. */
    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "P1D", "P1461D"})
    void whatIsRecordedInTheFutureIsToldAndReplaced(Duration jump) {
        world.vm(1);
        world.until("2026-01-20T02:30:00Z", world::completeAll);
        world.now = Instant.parse("2026-01-21T02:30:00Z").plus(jump);
        world.pass();
        world.now = Instant.parse("2026-01-21T01:30:00Z");
        ScheduleFacts before = world.facts();
        assertThat(ScheduleReconciler.events(before, world.plan()).getFirst()).satisfies(event -> {
            assertThat(event.reason()).isEqualTo(Reason.RecordedInFuture);
            assertThat(event.message())
                    .contains(
                            "handledUntil was " + before.before().orElseThrow().handledUntil());
        });
        world.pass();
        assertThat(condition(ConditionType.ClocksTrusted).getReason()).isEqualTo(Reason.RecordedInFuture.name());
        assertThat(world.facts().handledUntil()).isBeforeOrEqualTo(world.now);
    }

    /** The API server's does not jump: what follows from the time is as if there were no jump. */
    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "P1D", "P1461D"})
    void theOperatorsClockAloneMakesNothingPass(Duration jump) {
        world.vm(1);
        world.until(NOON.toString(), world::completeAll);
        SchedulePlan planned = world.plan();
        assertThat(RetentionPlanner.expired(world.facts())).isNotEmpty();
        world.apiServer = () -> Optional.of(NOON);
        world.now = NOON.plus(jump);
        assertThat(world.pass().progress()).isEqualTo(planned.progress());
        assertThat(RetentionPlanner.expired(world.facts())).isEmpty();
        assertThat(condition(ConditionType.ClocksTrusted)).satisfies(clocks -> {
            assertThat(clocks.getReason()).isEqualTo(Reason.ClocksDiffer.name());
            assertThat(clocks.getMessage()).contains(world.now.toString()).contains(NOON.toString());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "P1D", "P1461D"})
    void nothingIsRemovedUnlessBothClocksAgree(Duration jump) {
        world.vm(1);
        world.until(NOON.toString(), world::completeAll);
        assertThat(RetentionPlanner.expired(world.facts())).isNotEmpty();
        for (Optional<Instant> other :
                List.of(Optional.of(NOON.plus(jump)), Optional.of(NOON.minus(jump)), Optional.<Instant>empty())) {
            world.apiServer = () -> other;
            assertThat(RetentionPlanner.expired(world.facts())).isEmpty();
        }
    }

    /** One that was made while all clocks were ahead. */
    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "P1D", "P1461D"})
    void aBackupOfTheFutureIsNeitherNewestNorVerifiedNorRemoved(Duration jump) {
        world.spec(spec -> spec.keep(new Keep(1, 0, 0, 0, 0)).verify(new Verify("24h")));
        world.vm(1);
        world.until(NOON.toString(), world::completeAll);
        VMBackup ahead = List.copyOf(world.backups.values()).getFirst();
        String time = NOON.plus(jump).toString();
        ahead.setStatus(VMBackupStatusBuilder.builder(ahead.getStatus())
                .completionTime(time)
                .startTime(time)
                .result(BackupResultBuilder.builder(ahead.getStatus().result())
                        .time(time)
                        .build())
                .verification(new Verification(time, time, time))
                .build());
        ScheduleFacts facts = world.facts();
        VMBackup newest = List.copyOf(world.backups.values()).getLast();
        assertThat(RetentionPlanner.expired(facts))
                .hasSize(world.backups.size() - 2)
                .doesNotContain(ahead, newest);
        assertThat(VerificationPlanner.due(facts))
                .extracting(VerificationPlanner.Due::backup)
                .containsExactly(newest);
        world.pass();
        assertThat(world.status().lastSuccessfulTime())
                .isEqualTo(newest.getStatus().completionTime());
        assertThat(world.status().kept().future()).isEqualTo(1);
        assertThat(condition(ConditionType.ClocksTrusted).getMessage())
                .startsWith("1 VMBackup is dated later than now")
                .contains(ahead.getMetadata().getName());
        ScheduleWorld.turnOff(world.vms.get("vm-1"), NOON.minusSeconds(60), null);
        assertThat(world.facts().selected())
                .as("it was not saved since it is off")
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "P1D", "P1461D"})
    void oneForATimeOfTheFutureDoesNotHideThatAVmIsLate(Duration jump) {
        world.vm(1);
        world.until("2026-01-19T12:00:00Z", world::completeAll);
        VMBackup ahead = List.copyOf(world.backups.values()).getLast();
        ahead.getMetadata()
                .setAnnotations(Map.of(Api.SCHEDULED_AT, NOON.plus(jump).toString()));
        world.now = NOON;
        world.pass();
        assertThat(condition(ConditionType.BackupOverdue).getStatus()).isEqualTo("True");
    }

    /** One that has not begun is for a time that is years away. */
    @Test
    void oneThatWaitsForATimeOfTheFutureIsCancelled() {
        world.vm(1);
        world.now = NOON.minus(Duration.ofDays(1)).plus(Duration.ofDays(1461)).minus(Duration.ofHours(9));
        world.pass();
        VMBackup ahead = List.copyOf(world.backups.values()).getFirst();
        ahead.getMetadata().setCreationTimestamp(NOON.minus(Duration.ofDays(1)).toString());
        world.now = NOON;
        assertThat(world.pass().cancel()).containsExactly(ahead);
    }

    private Condition condition(ConditionType type) {
        return type.in(world.status().conditions()).orElseThrow();
    }
}
