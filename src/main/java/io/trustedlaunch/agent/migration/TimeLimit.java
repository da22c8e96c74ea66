package io.trustedlaunch.agent.migration;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Closes what takes too long as a whole; a time limit on each read alone lets a peer that sends a byte now and then hold
 * a connection for good.
 */
public final class TimeLimit implements AutoCloseable {
    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("movement-limits").factory());

    private final ScheduledFuture<?> end;

    private TimeLimit(ScheduledFuture<?> end) {
        this.end = end;
    }

    public static TimeLimit on(TlsConnection connection, Duration limit) {
        return new TimeLimit(TIMER.schedule(connection::close, limit.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** It was in time. */
    @Override
    public void close() {
        end.cancel(false);
    }
}
