package io.trustedlaunch.controller;

import io.trustedlaunch.api.RecordedTime;
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
    /** What is not later than this has passed by both clocks. */
    public Instant now() {
        return server.filter(time -> RecordedTime.isFuture(own, time)).orElse(own);
    }

    /** For what is compared with a creation time: the API server's clock set that. */
    public Instant ofServer() {
        return server.orElse(own);
    }

    /** What is later than this lies ahead by both clocks. */
    public Instant latest() {
        return server.filter(own::isBefore).orElse(own);
    }

    /** Whether a removal may follow from the time. */
    public boolean isAgreed() {
        return server.filter(time -> !RecordedTime.isFuture(own, time) && !RecordedTime.isFuture(time, own))
                .isPresent();
    }
}
