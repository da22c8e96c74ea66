package io.trustedlaunch.protocol;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The one clock of all processes and hosts; it moves only when a test says so. */
final class VirtualClock implements InstantSource {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private Duration passed = Duration.ZERO;

    @Override
    public Instant instant() {
        return START.plus(passed);
    }

    long nanoTime() {
        return passed.toNanos();
    }

    void pass(Duration time) {
        passed = passed.plus(time);
    }
}
