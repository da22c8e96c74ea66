package io.trustedlaunch.controller;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The time by two clocks, read once for a pass. What is removed because of its age, or because others are newer, is gone for
 * good: one clock that is wrong must not decide that.
 *
 * @param own this process's clock
 * @param server the API server's; empty if it did not say
 */
public record ClusterTime(Instant own, Optional<Instant> server) {
    /** Clocks that are kept right differ by seconds, and an answer of the API server may be under way for some. */
    public static final Duration TOLERANCE = Duration.ofMinutes(5);

    /** Whether a recorded instant lies ahead, so that a clock was wrong when it was recorded, or is now. */
    public static boolean isFuture(Instant recorded, Instant now) {
        return recorded.isAfter(now.plus(TOLERANCE));
    }

    /** What is not later than this has passed by both clocks. */
    public Instant now() {
        return server.filter(time -> isFuture(own, time)).orElse(own);
    }

    /** Whether a removal may follow from the time. */
    public boolean isAgreed() {
        return server.filter(time -> !isFuture(own, time) && !isFuture(time, own))
                .isPresent();
    }
}
