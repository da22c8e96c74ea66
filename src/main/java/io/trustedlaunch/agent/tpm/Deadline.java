package io.trustedlaunch.agent.tpm;

import java.time.Duration;

/** The end of one allowance of time that several waits share. */
record Deadline(Duration allowance, long endNanos) {
    static Deadline in(Duration allowance) {
        return new Deadline(allowance, System.nanoTime() + allowance.toNanos());
    }

    /** At least one millisecond, so that it can be waited for; throws when the time is up. */
    long remainingMillis() {
        long left = (endNanos - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new TpmException(new TpmFailure.TimedOut(allowance));
        }
        return left;
    }
}
