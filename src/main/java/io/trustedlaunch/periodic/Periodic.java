package io.trustedlaunch.periodic;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks that go on after a fault. An executor by itself drops one that throws, and says nothing: a heart that failed to
 * beat once would never beat again.
 */
public final class Periodic {
    private static final Logger LOG = LoggerFactory.getLogger(Periodic.class);

    private Periodic() {}

    /**
     * @param first until it is done for the first time
     * @param rest between the end of one time and the beginning of the next
     */
    public static void start(ScheduledExecutorService thread, Duration first, Duration rest, Runnable task) {
        var unused = thread.scheduleWithFixedDelay(
                () -> runOnce(thread, task), first.toMillis(), rest.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void runOnce(ScheduledExecutorService thread, Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            // Whatever is interrupted by the end fails.
            if (!thread.isShutdown()) {
                LOG.error("a fault in what is done periodically; it is done again", e);
            }
        }
    }
}
