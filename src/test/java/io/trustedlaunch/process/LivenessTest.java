package io.trustedlaunch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LivenessTest {
    private final AtomicLong now = new AtomicLong();
    private final Liveness liveness = new Liveness(now::get);

    @Test
    void aProcessLivesWhileEachOfItsTasksEndsInTime() {
        Runnable often = liveness.watched("often", Duration.ofMinutes(1), () -> {});
        Runnable seldom = liveness.watched("seldom", Duration.ofMinutes(5), () -> {});
        for (int minute = 1; minute <= 12; minute++) {
            now.addAndGet(Duration.ofMinutes(1).toNanos());
            often.run();
            if (minute % 5 == 0) {
                seldom.run();
            }
            assertThat(liveness.problem()).isEmpty();
        }
    }

    @Test
    void aTaskThatHangsIsNamed() {
        Runnable goesOn = liveness.watched("goes-on", Duration.ofMinutes(1), () -> {});
        liveness.watched("hangs", Duration.ofMinutes(1), () -> {});
        now.addAndGet(Duration.ofMinutes(1).toNanos() + 1);
        goesOn.run();

        assertThat(liveness.problem()).contains("no run has ended in time: hangs");
    }

    @Test
    void aTaskThatFailsGoesOn() {
        Runnable fails = liveness.watched("fails", Duration.ofMinutes(1), () -> {
            throw new IllegalStateException("as a test wants it");
        });
        now.addAndGet(Duration.ofMinutes(2).toNanos());
        assertThatThrownBy(fails::run).isInstanceOf(IllegalStateException.class);

        assertThat(liveness.problem()).isEmpty();
    }
}
