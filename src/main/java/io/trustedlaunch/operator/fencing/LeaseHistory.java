package io.trustedlaunch.operator.fencing;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * When the Lease of each node was seen to change, by this process's monotonic clock. The times in the Leases come from the
 * clocks of other machines: they are compared only with each other.
 */
public final class LeaseHistory {
    /**
     * A watch that brings nothing for so long, or a process that takes nothing from it, says nothing of what was renewed
     * meanwhile. Leases are renewed every ten seconds, and the leader's, which is among those of the agents, more often.
     */
    static final Duration STALL = Duration.ofSeconds(15);

    private final LongSupplier nanoTime;
    private final long startNanos;
    private final Map<String, Observation> observations = new HashMap<>();
    private long answeredNanos;
    /** The time since which there was no stall. */
    private long watchedNanos;

    public LeaseHistory(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
        this.answeredNanos = startNanos;
        this.watchedNanos = startNanos;
    }

    /**
     * @param boot of the host that renews it, as the Lease names it
     * @param renewed the time in it
     */
    public synchronized void seen(
            String node, String resourceVersion, Optional<String> boot, Optional<Instant> renewed) {
        Observation known = observations.get(node);
        if (known != null && known.resourceVersion().equals(resourceVersion)) {
            return;
        }
        long now = nanoTime.getAsLong();
        observations.put(
                node,
                new Observation(
                        resourceVersion, boot, renewed, now, known == null ? Optional.empty() : Optional.of(now)));
    }

    /** A deletion does not speak for the host: it counts as silence from now on. */
    public synchronized void deleted(String node) {
        observations.put(
                node,
                new Observation(
                        "",
                        boot(node),
                        renewed(node),
                        nanoTime.getAsLong(),
                        Optional.ofNullable(observations.get(node)).flatMap(Observation::heardNanos)));
    }

    /** The watch has brought a Lease, whosever it is. */
    synchronized void answered() {
        long now = nanoTime.getAsLong();
        if (isStalled(now)) {
            watchedNanos = now;
        }
        answeredNanos = now;
    }

    /** The time for which the watch has answered, and this process has run, without a stall. Silence before that says nothing. */
    synchronized Duration watched() {
        long now = nanoTime.getAsLong();
        return isStalled(now) ? Duration.ZERO : Duration.ofNanos(now - watchedNanos);
    }

    private boolean isStalled(long now) {
        return now - answeredNanos > STALL.toNanos();
    }

    /** The version that was seen last; empty if there is none. */
    synchronized Optional<String> version(String node) {
        return Optional.ofNullable(observations.get(node))
                .map(Observation::resourceVersion)
                .filter(version -> !version.isEmpty());
    }

    /** The time for which it has not changed; for an absent one, the time for which this process has looked. */
    synchronized Duration silence(String node) {
        Observation observation = observations.get(node);
        long since = observation == null ? startNanos : observation.nanos();
        return Duration.ofNanos(nanoTime.getAsLong() - since);
    }

    /** Whether it was renewed after that, as this process has seen; one that was only found there was not. */
    synchronized boolean wasRenewedAfter(String node, long nanos) {
        return Optional.ofNullable(observations.get(node))
                .flatMap(Observation::heardNanos)
                .filter(heard -> heard - nanos > 0)
                .isPresent();
    }

    /** The boot that renewed it last. */
    synchronized Optional<String> boot(String node) {
        return Optional.ofNullable(observations.get(node)).flatMap(Observation::boot);
    }

    /** When it was renewed last, by the clock of the host that did. */
    synchronized Optional<Instant> renewed(String node) {
        return Optional.ofNullable(observations.get(node)).flatMap(Observation::renewed);
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    /** @param heardNanos when it was seen to change; empty if it was only found */
    private record Observation(
            String resourceVersion,
            Optional<String> boot,
            Optional<Instant> renewed,
            long nanos,
            Optional<Long> heardNanos) {}
}
