package io.trustedlaunch.agent.host;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * How long what was refused rests, longer each time. A failed try wakes the agent itself, through what it changed on the
 * host: without this it would try in a circle. The rest ends early once what it is made from has changed.
 *
 * @param <G> a glance at what a try is made from, equal while nothing has changed
 */
public final class Backoff<G> {
    public static final Duration BETWEEN_GLANCES = Duration.ofSeconds(2);

    /** A file that is being copied into its place changes all the time, and is not worth a try before it is whole. */
    public static final Duration STANDS_STILL = Duration.ofSeconds(1);

    /** Where the next try costs next to nothing, and a user waits. */
    private static final Duration UNTRIED = Duration.ofSeconds(3);

    private final Map<UUID, Rest<G>> rests = new ConcurrentHashMap<>();
    private final Map<UUID, G> tries = new ConcurrentHashMap<>();

    /**
     * @param wish see {@link #wish}
     * @param refused what the try was made from
     * @param seen what was there at the last glance, since {@code seenAt}
     */
    private record Rest<G>(String wish, Duration length, Instant until, G refused, G seen, Instant seenAt) {
        boolean isOver(String nowWish, Instant now) {
            return !wish.equals(nowWish) || !now.isBefore(until);
        }

        Rest<G> seen(G glance, Instant now) {
            return glance.equals(seen) ? this : new Rest<>(wish, length, until, refused, glance, now);
        }

        boolean isMended(Instant now) {
            return !seen.equals(refused) && !now.isBefore(seenAt.plus(STANDS_STILL));
        }
    }

    /** What is asked for: another object, or the same with another spec, is tried at once. */
    public static String wish(HasMetadata object) {
        return object.getMetadata().getName() + " at " + object.getMetadata().getGeneration();
    }

    /**
     * How long there is still to rest; empty: it may be tried, and is tried.
     *
     * @param glance at what it would be made from
     */
    public Optional<Duration> remaining(UUID one, String wish, Instant now, G glance) {
        Rest<G> rest = rests.computeIfPresent(one, (key, known) -> known.seen(glance, now));
        if (rest == null || rest.isOver(wish, now) || rest.isMended(now)) {
            tries.put(one, glance);
            return Optional.empty();
        }
        return Optional.of(min(Duration.between(now, rest.until()), BETWEEN_GLANCES));
    }

    /**
     * Returns how long it is until it is worth looking again. What was refused before it was tried does not rest.
     *
     * @param length from how long the last rest for this wish was, zero if there was none, to how long this one is
     */
    public Duration refused(UUID one, String wish, UnaryOperator<Duration> length, Instant now) {
        G tried = tries.remove(one);
        if (tried == null) {
            return UNTRIED;
        }
        Duration last = Optional.ofNullable(rests.get(one))
                .filter(rest -> rest.wish().equals(wish))
                .map(Rest::length)
                .orElse(Duration.ZERO);
        Duration next = length.apply(last);
        rests.put(one, new Rest<>(wish, next, now.plus(next), tried, tried, now));
        return min(next, BETWEEN_GLANCES);
    }

    public void forget(UUID one) {
        rests.remove(one);
        tries.remove(one);
    }

    /** Twice as long as the last. */
    public static Duration grown(Duration last, Duration first, Duration longest) {
        return last.isZero() ? first : min(last.multipliedBy(2), longest);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
