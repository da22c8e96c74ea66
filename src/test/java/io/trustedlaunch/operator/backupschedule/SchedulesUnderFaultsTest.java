package io.trustedlaunch.operator.backupschedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operators that die and are away, backups that take long and fail, guests that stop: weeks with a clock change, by seed. */
class SchedulesUnderFaultsTest {
    private static final List<String> ZONES = List.of("Europe/Berlin", "Etc/UTC", "America/New_York");
    private static final List<String> TIMES = List.of("30 2 * * *", "0 */6 * * *", "15 1 * * 1-5");

    static List<Long> seeds() {
        return new Random(1).longs(60).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eachVmAndTimeHasOneBackupOrIsCountedAsMissed(long seed) {
        Random random = new Random(seed);
        int parallel = 1 + random.nextInt(3);
        Duration startWithin = Duration.ofHours(1 + random.nextInt(8));
        ScheduleWorld world = new ScheduleWorld(spec -> spec.schedule(TIMES.get(random.nextInt(TIMES.size())))
                .timeZone(ZONES.get(random.nextInt(ZONES.size())))
                .parallel(parallel)
                .startWithin(startWithin.toHours() + "h"));
        Instant start = Instant.parse("2026-10-10T12:00:00Z");
        world.schedule.getMetadata().setCreationTimestamp(start.toString());
        world.now = start;
        int vms = 1 + random.nextInt(5);
        for (int vm = 0; vm < vms; vm++) {
            world.vm(vm);
        }
        Set<String> ever = new HashSet<>();
        while (world.now.isBefore(start.plus(Duration.ofDays(25)))) {
            int before = world.created.size();
            long occupied = world.facts().occupied();
            boolean dies = random.nextInt(8) == 0;
            Instant cursor = world.facts().handledUntil();
            SchedulePlan plan = world.carryOut(dies ? random.nextInt(2) : Integer.MAX_VALUE);
            assertThat(world.facts().handledUntil()).isAfterOrEqualTo(cursor);
            assertThat(plan.create().size() + occupied)
                    .as("at a time")
                    .isLessThanOrEqualTo(Math.max(parallel, occupied));
            for (String name : world.created.subList(before, world.created.size())) {
                assertThat(ever.add(name)).as(name + " is created once").isTrue();
                Instant time = ScheduledBackups.time(world.backups.get(name));
                assertThat(Duration.between(time, world.now))
                        .isBetween(Duration.ZERO, startWithin.plus(SchedulePlanner.MOST_DELAY));
            }
            assertThat(world.facts().open())
                    .extracting(backup -> backup.getSpec().vmRef().name())
                    .doesNotHaveDuplicates();
            live(world, random);
            Instant wake = plan.progress().wake().orElseThrow();
            // An operator that is away now and then; a death is followed by another soon.
            world.now = random.nextInt(20) == 0
                    ? world.now.plus(Duration.ofHours(random.nextInt(90)))
                    : dies || wake.isAfter(world.now.plus(Duration.ofMinutes(20)))
                            ? world.now.plusSeconds(1 + random.nextInt(1200))
                            : wake.isAfter(world.now) ? wake : world.now.plusMillis(1);
        }
        ever.addAll(world.created);
        world.pass();
        ever.addAll(world.created);
        // A cancelled one was created, and is missed as well.
        assertThat(ever.size() + world.status().missed() - world.cancelledOnRecord)
                .as("backups and missed ones")
                .isEqualTo(due(world, start));
    }

    private static void live(ScheduleWorld world, Random random) {
        for (VMBackup backup : List.copyOf(world.facts().open())) {
            boolean runs = !random.nextBoolean() || backup.hasBegun();
            if (!runs) {
                continue;
            }
            if (backup.hasBegun() && random.nextInt(3) > 0) {
                world.end(backup, random.nextInt(4) == 0 ? Phase.Failed : Phase.Completed);
            } else {
                world.begin(backup);
            }
        }
        world.vms.values().forEach(vm -> ScheduleWorld.run(vm, random.nextInt(6) > 0));
        if (random.nextInt(50) == 0) {
            world.backups.values().removeIf(VMBackup::hasEnded);
        }
    }

    /** Each VM's part of each time until what is on record. */
    private static long due(ScheduleWorld world, Instant start) {
        CronTimes times = CronTimes.of(world.spec().schedule(), world.spec().timeZone());
        long due = 0;
        for (Instant time = times.after(start).orElseThrow();
                !time.isAfter(world.now);
                time = times.after(time).orElseThrow()) {
            Instant of = time;
            due += world.vms.values().stream()
                    .filter(vm -> !of.plus(ScheduledBackups.delay(world.schedule, vm, SchedulePlanner.MOST_DELAY))
                            .isAfter(world.facts().handledUntil()))
                    .count();
        }
        return due;
    }
}
