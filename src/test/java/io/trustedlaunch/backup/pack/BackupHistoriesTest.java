package io.trustedlaunch.backup.pack;

import org.junit.jupiter.api.Test;

/**
 * Random histories: each backup on record restores bit for bit at each step, and nothing is left when all were removed. {@code
 * -Dbackup.histories=10000} plays all of them, and {@code -Dseed=…}, as a failure prints it, that one.
 */
class BackupHistoriesTest {
    private static final long SHORT = 600;

    @Test
    void everyBackupOnRecordRestoresAtEachStepOfEachHistory() {
        Long one = Long.getLong("seed");
        long first = one == null ? 1 : one;
        long last = one == null ? Long.getLong("backup.histories", SHORT) : one;
        for (long seed = first; seed <= last; seed++) {
            try {
                new BackupHistory(seed).play();
            } catch (Exception | AssertionError e) {
                throw new AssertionError("-Dseed=" + seed, e);
            }
        }
        System.out.println("histories with the seeds " + first + " to " + last);
    }
}
