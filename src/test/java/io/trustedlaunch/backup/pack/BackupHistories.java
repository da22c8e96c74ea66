package io.trustedlaunch.backup.pack;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.backup.pack.BackupHistory.Made;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;

/**
 * Many histories, as many at once as there are processors, each in a world of its own; or the one that {@code -Dseed=…} names, as a
 * failure prints it.
 */
public final class BackupHistories {
    private BackupHistories() {}

    /** Those with the seeds from 1 on, in memory. */
    public static void play(long count) {
        play(LongStream.rangeClosed(1, count), MemoryHistoryWorld::new);
    }

    public static void play(LongStream seeds, Callable<HistoryWorld> worlds) {
        Long one = Long.getLong("seed");
        long begin = System.nanoTime();
        long[] all = one == null ? seeds.toArray() : new long[] {one};
        Made made;
        // No parallel stream: for each of its threads that waits for a process it starts another one.
        try (ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            made = LongStream.of(all)
                    .mapToObj(seed -> CompletableFuture.supplyAsync(() -> play(seed, worlds), threads))
                    .toList()
                    .stream()
                    .map(CompletableFuture::join)
                    .reduce(new Made(0, 0), Made::plus);
        }
        System.out.printf(
                "histories of backups: %d, seeds %d to %d, with %d backups, %d of them of changes, in %d s%n",
                all.length,
                all[0],
                all[all.length - 1],
                made.backups(),
                made.changes(),
                (System.nanoTime() - begin) / 1_000_000_000L);
        assertThat(one != null || made.changes() > 0)
                .as("without backups of changes they prove little")
                .isTrue();
    }

    private static Made play(long seed, Callable<HistoryWorld> worlds) {
        try (HistoryWorld world = worlds.call()) {
            return new BackupHistory(seed, world).play();
        } catch (Exception | AssertionError e) {
            throw new AssertionError("-Dseed=" + seed, e);
        }
    }
}
