package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.testkit.GuestWatch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Measures migrations beside those of plain libvirt in the same run; asserts no figure. */
@Tag("campaign")
class MigrationSpeedE2E {
    private static final int ROUNDS = Integer.getInteger("speed.rounds", 7);
    private static final int VMS = Integer.getInteger("speed.vms", 6);
    private static final String MEMORY = System.getProperty("speed.memory", "512Mi");

    /** Keeps the guest busy, so that a pause is noticed, with little memory to transfer again. */
    private static final String BUSY = "dirty 2";

    /** The default of a drain. */
    private static final int CONCURRENT_MIGRATIONS = 2;

    private record Measurement(Duration took, Duration longestPause) {}

    /** In turn, so that what else the machine does meets both; the other guest goes on working meanwhile. */
    @Test
    void migrationsOfOneGuest() {
        try (Stage stage = Stage.open("speed")) {
            MigratingGuest guest = MigratingGuest.start(stage, stage.vm("ours").memory(MEMORY), BUSY);
            List<Measurement> ours = new ArrayList<>();
            List<Measurement> plainMeasured = new ArrayList<>();
            try (LibvirtGuest plain = LibvirtGuest.copyOf(stage, guest)) {
                plain.start();
                plain.awaitCounting();
                try (GuestWatch watch = GuestWatch.of(stage.lab, guest.uid());
                        GuestWatch plainWatch = GuestWatch.of(stage.lab, plain.uid())) {
                    for (int i = 0; i < ROUNDS; i++) {
                        Instant begin = Instant.now();
                        ours.add(measure("ours", watch, () -> migrate(stage, guest)));
                        System.out.println("SPEED ours from " + begin + " to " + Instant.now());
                        guest.awaitSettled();
                        guest.awaitMigratable();
                        plainMeasured.add(measure("virsh migrate --tls", plainWatch, plain::migrate));
                    }
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "SPEED %s of memory: ours %d ms, virsh migrate --tls %d ms, ratio %.2f;"
                            + " longest pause: ours %d ms, virsh %d ms (medians of %d)%n",
                    MEMORY,
                    median(ours, Measurement::took),
                    median(plainMeasured, Measurement::took),
                    (double) median(ours, Measurement::took) / median(plainMeasured, Measurement::took),
                    median(ours, Measurement::longestPause),
                    median(plainMeasured, Measurement::longestPause),
                    ROUNDS);
        }
    }

    @Test
    void aDrainOfSeveralVms() {
        try (Stage stage = Stage.open("drain")) {
            String away = stage.lab.hosts().getLast();
            stage.setMaintenance(away, Maintenance.Cordon);
            List<MigratingGuest> guests = IntStream.range(0, VMS)
                    .mapToObj(i -> MigratingGuest.startCounting(stage, "guest-" + i))
                    .toList();
            stage.setMaintenance(away, Maintenance.None);
            guests.forEach(MigratingGuest::awaitMigratable);
            String drained = guests.getFirst().host();
            List<LibvirtGuest> plain = guests.stream()
                    .map(guest -> LibvirtGuest.copyOf(stage, guest))
                    .toList();
            try {
                long begin = System.nanoTime();
                stage.setMaintenance(drained, Maintenance.Drain);
                await(drained + " to be drained")
                        .atMost(Stage.TIMEOUT)
                        .pollInterval(Duration.ofMillis(50))
                        .until(() -> stage.isDrained(drained));
                Duration ours = Duration.ofNanos(System.nanoTime() - begin);
                stage.setMaintenance(drained, Maintenance.None);
                IntStream.range(0, VMS).forEach(i -> stage.delete("guest-" + i));
                IntStream.range(0, VMS)
                        .forEach(
                                i -> stage.awaitGone("guest-" + i, guests.get(i).uid()));
                plain.forEach(LibvirtGuest::start);
                plain.forEach(LibvirtGuest::awaitCounting);
                begin = System.nanoTime();
                migrateAll(plain);
                Duration byHand = Duration.ofNanos(System.nanoTime() - begin);
                System.out.printf(
                        Locale.ROOT,
                        "SPEED drain of %d VMs, %d at once: ours %d ms, virsh migrate --tls of the same %d ms, ratio %.2f%n",
                        VMS,
                        CONCURRENT_MIGRATIONS,
                        ours.toMillis(),
                        byHand.toMillis(),
                        (double) ours.toMillis() / byHand.toMillis());
            } finally {
                stage.setMaintenance(drained, Maintenance.None);
                plain.forEach(LibvirtGuest::close);
            }
        }
    }

    private static Measurement measure(String who, GuestWatch watch, Runnable migration) {
        watch.longestPause();
        long begin = System.nanoTime();
        migration.run();
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        Measurement measured = new Measurement(took, watch.longestPause());
        System.out.println("SPEED " + who + ": " + measured);
        assertThat(watch.twoAtOnce()).isEmpty();
        return measured;
    }

    /** Returns when the migration is reported as succeeded. */
    private static void migrate(Stage stage, MigratingGuest guest) {
        VMMigration migration = guest.migrate();
        await("the migration to succeed")
                .atMost(Stage.TIMEOUT)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> stage.client.resource(migration).get().getStatus(),
                        now -> now != null && now.completionTime() != null && now.phase() == Phase.Succeeded);
    }

    private static void migrateAll(List<LibvirtGuest> guests) {
        try (ExecutorService threads = Executors.newFixedThreadPool(CONCURRENT_MIGRATIONS)) {
            for (Future<?> done :
                    guests.stream().map(guest -> threads.submit(guest::migrate)).toList()) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static long median(List<Measurement> measurements, Function<Measurement, Duration> figure) {
        return measurements.stream()
                .map(figure)
                .mapToLong(Duration::toMillis)
                .sorted()
                .skip(measurements.size() / 2)
                .findFirst()
                .orElseThrow();
    }
}
