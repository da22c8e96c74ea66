package io.trustedlaunch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LivenessTest {
    private final AtomicLong now = new AtomicLong();
    private final Liveness liveness = new Liveness(now::get, Duration.ofMinutes(1));

    @Test
    void aProcessLivesWhileEachOfItsTasksEndsInTime() {
        Runnable often = liveness.watched("often", () -> {});
        Runnable seldom = liveness.watched("seldom", () -> {});
        for (int round = 1; round <= 12; round++) {
            now.addAndGet(Duration.ofSeconds(20).toNanos());
            often.run();
            if (round % 3 == 0) {
                seldom.run();
            }
            assertThat(liveness.problem()).isEmpty();
        }
    }

    @Test
    void aTaskThatHangsIsNamed() {
        Runnable goesOn = liveness.watched("goes-on", () -> {});
        liveness.watched("hangs", () -> {});
        now.addAndGet(Duration.ofMinutes(1).toNanos() + 1);
        goesOn.run();

        assertThat(liveness.problem()).contains("no run has ended in time: hangs");
    }

    @Test
    void aTaskThatFailsGoesOn() {
        Runnable fails = liveness.watched("fails", () -> {
            throw new IllegalStateException("as a test wants it");
        });
        now.addAndGet(Duration.ofMinutes(2).toNanos());
        assertThatThrownBy(fails::run).isInstanceOf(IllegalStateException.class);

        assertThat(liveness.problem()).isEmpty();
    }
}
