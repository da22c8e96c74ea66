package io.trustedlaunch.backup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PackLimitsTest {
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    @Test
    void packsGrowSoThatThereAreNotTooMany() {
        assertThat(PackLimits.of(20 * GIB)).isEqualTo(new PackLimits(64 * MIB, 321 + 4, 2 + 2));
        assertThat(PackLimits.of(1).packBytes()).isEqualTo(64 * MIB);
        assertThat(PackLimits.of(63 * GIB).packBytes()).isEqualTo(65 * MIB);
        assertThat(PackLimits.of(5000 * GIB).packBytes()).isEqualTo(5120 * MIB);
    }

    /** Each pack but the last ones has as much as that at least; with room in an index for those of earlier backups. */
    @Test
    void allOfTheDisksHasRoomInThem() {
        for (long bytes : new long[] {1, 64 * MIB, 64 * GIB - 1, 1000 * 64 * MIB + 1, 777 * GIB, 5000 * GIB}) {
            PackLimits limits = PackLimits.of(bytes);
            assertThat((limits.dataPacks() - PackLimits.WORKERS) * limits.packBytes())
                    .as("%s bytes", bytes)
                    .isGreaterThan(bytes + bytes / 4096);
            assertThat(limits.dataPacks() + limits.mapPacks()).isLessThan(BackupIndex.MAX_PACKS / 2);
        }
    }
}
