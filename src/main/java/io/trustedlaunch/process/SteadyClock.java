package io.trustedlaunch.process;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Measures how long something has lasted in this process: a host's clock may be set by hours meanwhile. Its instants are no times
 * of day, and mean nothing in another process.
 *
 * @param nanoTime as {@link System#nanoTime}
 */
public record SteadyClock(LongSupplier nanoTime) implements InstantSource {
    public static SteadyClock system() {
        return new SteadyClock(System::nanoTime);
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH.plusNanos(nanoTime.getAsLong());
    }
}
