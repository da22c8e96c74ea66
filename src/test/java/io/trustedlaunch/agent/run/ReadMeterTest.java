package io.trustedlaunch.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.host.RefusedException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ReadMeterTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final ReadMeter meter = new ReadMeter(() -> now);

    @Test
    void itIsLessThanAllUntilTheEndIsReported() {
        assertThat(meter.percent()).isZero();
        meter.begins(200);
        meter.read(100);
        assertThat(meter.percent()).isEqualTo(50);
        meter.read(1000);
        assertThat(meter.percent()).isEqualTo(99);
    }

    @Test
    void aPlaceThatDoesNotAnswerIsNoticedUntilAllIsRead() {
        meter.begins(200);
        now = now.plusSeconds(600);
        assertThat(meter.silence("the folder /backups")).isEmpty();
        now = now.plusSeconds(1);
        assertThat(meter.silence("the folder /backups"))
                .hasValueSatisfying(
                        problem -> assertThat(problem.message()).isEqualTo("the folder /backups does not answer"));
        meter.read(200);
        now = now.plusSeconds(6000);
        assertThat(meter.silence("the folder /backups"))
                .as("QEMU makes disks of it now")
                .isEmpty();
    }

    @Test
    void theReaderEndsWhenItIsInterrupted() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> meter.read(1)).isInstanceOf(RefusedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
