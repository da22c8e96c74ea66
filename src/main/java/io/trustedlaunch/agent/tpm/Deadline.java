package io.trustedlaunch.agent.tpm;

import java.time.Duration;

/** The deadline that several waits share. */
record Deadline(Duration timeout, long endNanos) {
    static Deadline in(Duration timeout) {
        return new Deadline(timeout, System.nanoTime() + timeout.toNanos());
    }

    /** Returns at least one millisecond; throws after the deadline. */
    long remainingMillis() {
        long left = (endNanos - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new TpmException(new TpmFailure.TimedOut(timeout));
        }
        return left;
    }
}
