package io.trustedlaunch.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PeriodicTasksTest {
    @Test
    void whatFailsIsDoneAgain() throws InterruptedException {
        CountDownLatch times = new CountDownLatch(3);
        try (ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor()) {
            PeriodicTasks.start(thread, Duration.ZERO, Duration.ofMillis(1), () -> {
                times.countDown();
                throw new IllegalStateException("as a test wants it");
            });
            assertThat(times.await(1, TimeUnit.MINUTES)).isTrue();
            thread.shutdownNow();
        }
    }
}
