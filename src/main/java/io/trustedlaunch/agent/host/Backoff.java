package io.trustedlaunch.agent.host;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * Growing delays between failed attempts. A failed attempt changes files on the host, which wakes the agent: without a delay
 * it would loop. A delay ends early once the inputs of the attempt have changed.
 *
 * @param <F> fingerprint of an attempt's inputs, equal while nothing has changed
 */
public final class Backoff<F> {
    public static final Duration CHECK_INTERVAL = Duration.ofSeconds(2);

    /** A file that is still being copied into place changes all the time; wait until it is complete. */
    public static final Duration SETTLE_TIME = Duration.ofSeconds(1);

    /** The pause after a refusal without an attempt: retrying is cheap, and a user waits. */
    private static final Duration WITHOUT_ATTEMPT = Duration.ofSeconds(3);

    private final Map<UUID, Delay<F>> delays = new ConcurrentHashMap<>();
    private final Map<UUID, F> attempts = new ConcurrentHashMap<>();

    /**
     * @param request see {@link #request}
     * @param refused fingerprint of the failed attempt
     * @param seen the latest fingerprint, unchanged since {@code seenAt}
     */
    @RecordBuilder
    record Delay<F>(String request, Duration length, Instant until, F refused, F seen, Instant seenAt) {
        boolean isOver(String nowRequest, Instant now) {
            return !request.equals(nowRequest) || !now.isBefore(until);
        }

        Delay<F> seen(F inputs, Instant now) {
            return inputs.equals(seen)
                    ? this
                    : BackoffDelayBuilder.builder(this).seen(inputs).seenAt(now).build();
        }

        boolean isInputChanged(Instant now) {
            return !seen.equals(refused) && !now.isBefore(seenAt.plus(SETTLE_TIME));
        }
    }

    /** Identifies an object and its spec: another request is attempted at once. */
    public static String request(HasMetadata object) {
        return object.getMetadata().getName() + " at " + object.getMetadata().getGeneration();
    }

    /**
     * How long to wait still; empty: the caller makes an attempt now.
     *
     * @param inputs fingerprint of the attempt's inputs
     */
    public Optional<Duration> remaining(UUID one, String request, Instant now, F inputs) {
        Delay<F> delay = delays.computeIfPresent(one, (key, known) -> known.seen(inputs, now));
        if (delay == null || delay.isOver(request, now) || delay.isInputChanged(now)) {
            attempts.put(one, inputs);
            return Optional.empty();
        }
        return Optional.of(min(Duration.between(now, delay.until()), CHECK_INTERVAL));
    }

    /**
     * Records a refusal and returns when to check again. A refusal without an attempt causes no delay.
     *
     * @param length maps the last delay for this request, zero if there was none, to the next one
     */
    public Duration refused(UUID one, String request, UnaryOperator<Duration> length, Instant now) {
        F tried = attempts.remove(one);
        if (tried == null) {
            return WITHOUT_ATTEMPT;
        }
        Duration last = Optional.ofNullable(delays.get(one))
                .filter(delay -> delay.request().equals(request))
                .map(Delay::length)
                .orElse(Duration.ZERO);
        Duration next = length.apply(last);
        delays.put(
                one,
                BackoffDelayBuilder.<F>builder()
                        .request(request)
                        .length(next)
                        .until(now.plus(next))
                        .refused(tried)
                        .seen(tried)
                        .seenAt(now)
                        .build());
        return min(next, CHECK_INTERVAL);
    }

    public void forget(UUID one) {
        delays.remove(one);
        attempts.remove(one);
    }

    /** Doubles the last delay. */
    public static Duration grown(Duration last, Duration first, Duration longest) {
        return last.isZero() ? first : min(last.multipliedBy(2), longest);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
