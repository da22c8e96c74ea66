package io.trustedlaunch.backup.pack;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Random histories: each backup on record restores bit for bit at each step, and nothing is left when all were removed. {@code
 * -Dbackup.histories=10000} plays all of them, and {@code -Dseed=…}, as a failure prints it, that one.
 */
class BackupHistoriesTest {
    private static final long SHORT = 300;

    /** They have found something. */
    private static final long[] KNOWN = {1306, 4045};

    @Test
    void everyBackupOnRecordRestoresAtEachStepOfEachHistory() {
        Long one = Long.getLong("seed");
        long[] seeds = one == null
                ? LongStream.concat(LongStream.rangeClosed(1, Long.getLong("backup.histories", SHORT)), LongStream.of(KNOWN))
                        .toArray()
                : new long[] {one};
        for (long seed : seeds) {
            try {
                new BackupHistory(seed).play();
            } catch (Exception | AssertionError e) {
                throw new AssertionError("-Dseed=" + seed, e);
            }
        }
        System.out.println("histories of backups: " + seeds.length + ", the last with seed " + seeds[seeds.length - 1]);
    }
}
