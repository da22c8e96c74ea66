package io.trustedlaunch.agent.migration;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection after a total time. A timeout per read alone would let a peer that sends a byte now and then hold
 * the connection forever.
 */
public final class TimeLimit implements AutoCloseable {
    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("time-limits").factory());

    private final ScheduledFuture<?> end;

    private TimeLimit(ScheduledFuture<?> end) {
        this.end = end;
    }

    public static TimeLimit on(TlsConnection connection, Duration limit) {
        return new TimeLimit(TIMER.schedule(connection::close, limit.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** Cancels the limit. */
    @Override
    public void close() {
        end.cancel(false);
    }
}
