package io.trustedlaunch.operator.metrics;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the operator's authorities expire. They are in no cache, and are read at an interval, also if that fails: a scrape
 * must not wait each time for an API server that does not answer.
 */
public final class AuthorityExpirations {
    private static final Logger LOG = LoggerFactory.getLogger(AuthorityExpirations.class);

    static final Duration INTERVAL = Duration.ofMinutes(10);

    private final Map<String, Supplier<Optional<Instant>>> authorities;
    private final LongSupplier nanoTime;
    private Map<String, Instant> last = Map.of();
    private OptionalLong readAtNanos = OptionalLong.empty();

    /** @param authorities by name; empty if one does not exist */
    public AuthorityExpirations(Map<String, Supplier<Optional<Instant>>> authorities, LongSupplier nanoTime) {
        this.authorities = Map.copyOf(authorities);
        this.nanoTime = nanoTime;
    }

    /** The expirations of those that exist, by name. */
    public synchronized Map<String, Instant> byName() {
        long now = nanoTime.getAsLong();
        if (readAtNanos.isEmpty() || now - readAtNanos.getAsLong() >= INTERVAL.toNanos()) {
            readAtNanos = OptionalLong.of(now);
            last = read();
        }
        return last;
    }

    private Map<String, Instant> read() {
        Map<String, Instant> expirations = new HashMap<>();
        try {
            authorities.forEach((name, read) -> read.get().ifPresent(expiration -> expirations.put(name, expiration)));
        } catch (KubernetesClientException e) {
            LOG.debug("Cannot read when the authorities expire: {}", e.getMessage());
            return last;
        }
        return expirations;
    }
}
