package io.trustedlaunch.backup.pack;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Random histories: each backup on record restores bit for bit at each step, and nothing is left when all were removed. {@code
 * BackupHistoriesIT} plays more of them, and with real disks.
 */
class BackupHistoriesTest {
    private static final long SHORT = 300;

    /** They have found something. */
    private static final long[] KNOWN = {1306, 4045};

    @Test
    void everyBackupOnRecordRestoresAtEachStepOfEachHistory() {
        BackupHistories.play(
                LongStream.concat(LongStream.rangeClosed(1, SHORT), LongStream.of(KNOWN)), MemoryHistoryWorld::new);
    }
}
