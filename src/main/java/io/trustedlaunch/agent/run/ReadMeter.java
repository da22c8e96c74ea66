package io.trustedlaunch.agent.run;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.ReadProgress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** How far one thread has read backups, for another that watches it. The reader ends when it is interrupted. */
public final class ReadMeter implements ReadProgress {
    /** A folder or a bucket that is away may not answer for ever. */
    private static final Duration SILENCE = Duration.ofMinutes(10);

    private static final int WHOLE = 100;

    private final InstantSource clock;
    private long all = Long.MAX_VALUE;
    private long read;
    private Instant heard;

    /** @param clock that nobody sets */
    public ReadMeter(InstantSource clock) {
        this.clock = clock;
        this.heard = clock.instant();
    }

    @Override
    public synchronized void begins(long bytes) {
        all = Math.max(1, bytes);
    }

    @Override
    public synchronized void read(long bytes) {
        read += bytes;
        heard = clock.instant();
        if (Thread.currentThread().isInterrupted()) {
            throw new RefusedException(Reason.AgentRestarted, "interrupted");
        }
    }

    /** Less than all: what ends it is reported with its end. */
    public synchronized int percent() {
        return (int) Math.min(WHOLE - 1, (double) read / all * WHOLE);
    }

    /**
     * Empty also once all was read.
     *
     * @param place that is read, for people
     */
    public synchronized Optional<Problem> silence(String place) {
        return read < all && clock.instant().isAfter(heard.plus(SILENCE))
                ? Optional.of(new Problem(Reason.BackupLocationUnavailable, place + " does not answer"))
                : Optional.empty();
    }
}
