package io.trustedlaunch.operator.backupschedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupScheduleSpec.Keep;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A user asks a schedule for backups out of turn. */
class RequestedRunTest {
    private final ScheduleWorld world =
            new ScheduleWorld(spec -> spec.startWithin("3h").parallel(2));

    RequestedRunTest() {
        world.now = Instant.parse("2026-01-02T12:00:00Z");
        world.pass();
    }

    @Test
    void eachVmIsBackedUpNowAndTheTimesOfTheScheduleStay() {
        world.vm(1);
        world.pass();
        Instant handledUntil = world.facts().handledUntil();
        String lastTime = world.status().lastScheduleTime();
        request("2026-01-02T12:00:00Z");

        SchedulePlan plan = world.pass();

        assertThat(plan.create()).singleElement().satisfies(backup -> {
            assertThat(backup.getSpec().vmRef().name()).isEqualTo("vm-1");
            assertThat(backup.getSpec().locationRef()).isEqualTo(world.spec().locationRef());
            assertThat(backup.getSpec().startWithin()).isEqualTo("3h");
            assertThat(backup.schedule()).contains("nightly");
            assertThat(backup.getMetadata().getAnnotations()).containsEntry(Api.SCHEDULED_AT, world.now.toString());
        });
        assertThat(world.status().handledUntil()).isEqualTo(handledUntil.toString());
        assertThat(world.status().lastScheduleTime()).isEqualTo(lastTime);
        assertThat(ScheduleReconciler.events(world.facts(), plan).getFirst().message())
                .isEqualTo("created 1 VMBackups for " + world.now);
        world.completeAll();
        world.now = Instant.parse("2026-01-03T02:06:00Z");
        assertThat(world.pass().create()).as("of the night").hasSize(1);
    }

    @Test
    void aRequestIsCarriedOutOnce() {
        world.vm(1);
        request("1");
        world.pass();
        assertThat(world.status().lastRequestedRun()).isEqualTo("1");
        world.completeAll();
        world.vm(2);
        assertThat(world.pass().create()).isEmpty();
        world.backups.clear();
        assertThat(world.pass().create()).as("its backup was removed").isEmpty();
        request("2");
        assertThat(world.pass().create()).hasSize(2);
    }

    @Test
    void asManyAtOnceAsTheScheduleAllowsAndAVmAfterItsBackupBefore() {
        world.vm(1);
        world.vm(2);
        world.vm(3);
        request("1");
        assertThat(world.pass().create()).hasSize(2);
        assertThat(world.status().lastRequestedRun()).as("one is left").isNull();
        VMBackup first = world.facts().open().getFirst();
        world.end(first, Phase.Completed);
        assertThat(world.pass().create()).hasSize(1);
        assertThat(world.status().lastRequestedRun()).isEqualTo("1");

        world.end(world.facts().open().getFirst(), Phase.Failed);
        request("2");
        String busy = names(world.facts().open()).getFirst();
        assertThat(names(world.pass().create())).hasSize(1).doesNotContain(busy);
        world.endAll();
        world.pass();
        world.endAll();
        world.pass();
        assertThat(world.status().lastRequestedRun()).isEqualTo("2");
        assertThat(world.created).hasSize(6);
    }

    @Test
    void anOperatorThatDiesInBetweenLeavesNoVmTwice() {
        world.vm(1);
        world.vm(2);
        request("1");
        world.carryOut(1);
        assertThat(world.status().lastRequestedRun()).isNull();
        world.now = world.now.plusSeconds(90);
        world.pass();
        assertThat(world.created).hasSize(2);
        assertThat(world.status().lastRequestedRun()).isEqualTo("1");
    }

    @Test
    void aSuspendedScheduleIsRunAndOneWithoutItsLocationWaits() {
        world.vm(1);
        world.spec(spec -> spec.suspend(true));
        request("1");
        world.location = Optional.empty();
        assertThat(world.pass().create()).isEmpty();
        world.location = Optional.of(ScheduleWorld.location(List.of()));
        assertThat(world.pass().create()).hasSize(1);
    }

    @Test
    void itsBackupsCountForWhatIsKept() {
        world.spec(spec -> spec.keep(new Keep(2, 0, 0, 0, 0)));
        world.location
                .orElseThrow()
                .getMetadata()
                .setCreationTimestamp(ScheduleWorld.CREATED.minusSeconds(1).toString());
        world.vm(1);
        world.until("2026-01-04T12:00:00Z", world::completeAll);
        request("1");
        world.pass();
        world.completeAll();
        List<VMBackup> expired = RetentionPlanner.expired(world.facts());
        assertThat(expired)
                .isNotEmpty()
                .noneMatch(backup -> backup.getMetadata().getName().contains("-run-"));
        assertThat(world.backups.size() - expired.size()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 4000})
    void aRequestThatIsTooLongForTheRecordIsNone(int length) {
        world.vm(1);
        request("1".repeat(length));
        assertThat(world.pass().create()).isEmpty();
    }

    private void request(String value) {
        world.schedule.getMetadata().setAnnotations(Map.of(Api.RUN_SCHEDULE, value));
    }

    private static List<String> names(List<VMBackup> backups) {
        return backups.stream().map(backup -> backup.getSpec().vmRef().name()).toList();
    }
}
