package io.trustedlaunch.controller;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A process's clock that the API server's holds back: if the process's own is ahead, nothing becomes due, late or old.
 *
 * @param own the process's clock, which somebody may set
 * @param server the API server's; empty if it did not say
 */
public record ClusterClock(InstantSource own, Supplier<Optional<Instant>> server) implements InstantSource {
    public ClusterTime time() {
        return new ClusterTime(own.instant(), server.get());
    }

    @Override
    public Instant instant() {
        return time().now();
    }
}
