package io.trustedlaunch.process;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks that continue after a fault. An executor silently drops a task that throws: a heartbeat that failed once would
 * never be sent again.
 */
public final class PeriodicTasks {
    private static final Logger LOG = LoggerFactory.getLogger(PeriodicTasks.class);

    private PeriodicTasks() {}

    /**
     * @param first delay before the first run
     * @param rest delay between the end of one run and the start of the next
     */
    public static void start(ScheduledExecutorService thread, Duration first, Duration rest, Runnable task) {
        var unused = thread.scheduleWithFixedDelay(
                () -> runOnce(thread, task), first.toMillis(), rest.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void runOnce(ScheduledExecutorService thread, Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            // Shutdown interrupts a task, which then fails.
            if (!thread.isShutdown()) {
                LOG.error("a periodic task failed; it will run again", e);
            }
        }
    }
}
