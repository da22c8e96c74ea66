package io.trustedlaunch.backup;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Lets so many bytes pass in a second, of all streams that share it.
 *
 * @see ThrottledStore
 */
public final class Bandwidth {
    private static final long SECOND = 1_000_000_000L;

    private final long bytesPerSecond;
    private final LongSupplier nanoTime;
    private final Pause pause;
    private long free;

    /** Waits. */
    @FunctionalInterface
    public interface Pause {
        void pause(Duration time) throws InterruptedException;
    }

    /** @throws IllegalArgumentException if nothing could pass */
    public Bandwidth(long bytesPerSecond, LongSupplier nanoTime, Pause pause) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException(bytesPerSecond + " bytes per second");
        }
        this.bytesPerSecond = bytesPerSecond;
        this.nanoTime = nanoTime;
        this.pause = pause;
        this.free = nanoTime.getAsLong();
    }

    /** The most that is read in one piece, so that no pause takes long. */
    int piece() {
        return (int) Math.clamp(bytesPerSecond / 10, 1, 1 << 20);
    }

    /** Returns when these bytes may have passed. What was not used before is not made up for. */
    void pass(int bytes) throws InterruptedIOException {
        long wait = reserve(bytes);
        if (wait <= 0) {
            return;
        }
        try {
            pause.pause(Duration.ofNanos(wait));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private synchronized long reserve(int bytes) {
        long now = nanoTime.getAsLong();
        // A piece has less than 2^21 bytes, which does not overflow.
        free = (free - now > 0 ? free : now) + bytes * SECOND / bytesPerSecond;
        return free - now;
    }
}
