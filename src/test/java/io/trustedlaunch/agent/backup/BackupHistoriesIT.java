package io.trustedlaunch.agent.backup;

import io.trustedlaunch.backup.pack.BackupHistories;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The histories of {@code BackupHistoriesTest} with real disks, a few as tests; {@code bin/campaign BackupHistoriesIT} plays many of
 * them, and many more in memory. {@code -Dhistories.real=…} and {@code -Dhistories.memory=…} are other numbers.
 */
class BackupHistoriesIT {
    private static final long[] SHORT = {2, 1306};

    @TempDir
    private Path folder;

    private final AtomicInteger worlds = new AtomicInteger();

    private RealHistoryWorld world() throws Exception {
        return new RealHistoryWorld(folder.resolve("world-" + worlds.incrementAndGet()));
    }

    @Test
    void everyBackupOnRecordRestoresToARealDiskAtEachStep() {
        BackupHistories.play(LongStream.of(SHORT), this::world);
    }

    @Test
    @Tag("campaign")
    void manyHistoriesWithRealDisks() {
        BackupHistories.play(LongStream.rangeClosed(1, Long.getLong("histories.real", 300)), this::world);
    }

    @Test
    @Tag("campaign")
    void manyMoreHistoriesInMemory() {
        BackupHistories.play(Long.getLong("histories.memory", 10_000));
    }
}
