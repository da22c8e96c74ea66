package io.trustedlaunch.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.hypervisor.BackupJob;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ScratchLimitTest {
    private static BackupJob using(long bytes) {
        return new BackupJob(OptionalLong.of(bytes));
    }

    @Test
    void aBackupIsBrokenOffAtFourFifthsOfItsScratchLimit() {
        ScratchLimit limit = new ScratchLimit(1000);

        assertThat(limit.isNear(using(0))).isFalse();
        assertThat(limit.isNear(using(799))).isFalse();
        assertThat(limit.isNear(using(800))).isTrue();
        assertThat(limit.isNear(using(Long.MAX_VALUE))).isTrue();
    }

    @Test
    void aLimitOfAnySizeIsComputedWithoutOverflow() {
        assertThat(new ScratchLimit(Long.MAX_VALUE).isNear(using(Long.MAX_VALUE / 2)))
                .isFalse();
        assertThat(new ScratchLimit(1).isNear(using(1))).isTrue();
    }

    @Test
    void aQemuThatDoesNotAnswerFillsNothing() {
        assertThat(new ScratchLimit(1000).isNear(new BackupJob(OptionalLong.empty())))
                .isFalse();
    }

    @Test
    void noRoomIsNoLimit() {
        assertThatThrownBy(() -> new ScratchLimit(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
