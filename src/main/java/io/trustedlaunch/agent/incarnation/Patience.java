package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long a start that was refused rests, longer each time. A failed start wakes the agent itself, through the events
 * of the domain that came and went: without this it would try in a circle. The rest ends early once what the start is
 * made from has changed.
 */
final class Patience {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    /** Where a try costs as much as a whole image, or where only a person can mend it. */
    private static final Duration WHERE_COSTLY = Duration.ofMinutes(2);

    /** Where the next try costs next to nothing, and a user waits. */
    private static final Duration WHERE_CHEAP = Duration.ofSeconds(3);

    static final Duration BETWEEN_GLANCES = Duration.ofSeconds(2);

    /** An image that is being copied into its place changes all the time, and is not worth a try before it is whole. */
    static final Duration STANDS_STILL = Duration.ofSeconds(1);

    private final Map<UUID, Rest> rests = new ConcurrentHashMap<>();
    private final Map<UUID, StartGlance> tries = new ConcurrentHashMap<>();

    /**
     * @param wish see {@link #wish}
     * @param refused what the start was made from
     * @param seen what was there at the last glance, since {@code seenAt}
     */
    private record Rest(
            String wish, Duration length, Instant until, StartGlance refused, StartGlance seen, Instant seenAt) {
        boolean isOver(String nowWish, Instant now) {
            return !wish.equals(nowWish) || !now.isBefore(until);
        }

        Rest seen(StartGlance glance, Instant now) {
            return glance.equals(seen) ? this : new Rest(wish, length, until, refused, glance, now);
        }

        boolean isMended(Instant now) {
            return !seen.equals(refused) && !now.isBefore(seenAt.plus(STANDS_STILL));
        }
    }

    /** What is asked for: another incarnation, or the same with another spec, is tried at once. */
    static String wish(VMIncarnation incarnation) {
        return incarnation.getMetadata().getName() + " at "
                + incarnation.getMetadata().getGeneration();
    }

    /**
     * How long a start is still to rest; empty: it may be tried, and is tried.
     *
     * @param glance at what it would be made from
     */
    Optional<Duration> remaining(UUID vm, String wish, Instant now, StartGlance glance) {
        Rest rest = rests.computeIfPresent(vm, (key, known) -> known.seen(glance, now));
        if (rest == null || rest.isOver(wish, now) || rest.isMended(now)) {
            tries.put(vm, glance);
            return Optional.empty();
        }
        return Optional.of(min(Duration.between(now, rest.until()), BETWEEN_GLANCES));
    }

    /** Returns how long it is until it is worth looking again. What was refused before it was tried does not rest. */
    Duration refused(UUID vm, String wish, Reason reason, Instant now) {
        StartGlance tried = tries.remove(vm);
        if (tried == null) {
            return WHERE_CHEAP;
        }
        Duration last = Optional.ofNullable(rests.get(vm))
                .filter(rest -> rest.wish().equals(wish))
                .map(Rest::length)
                .orElse(Duration.ZERO);
        Duration length = length(reason, last);
        rests.put(vm, new Rest(wish, length, now.plus(length), tried, tried, now));
        return min(length, BETWEEN_GLANCES);
    }

    void forget(UUID vm) {
        rests.remove(vm);
        tries.remove(vm);
    }

    private static Duration length(Reason reason, Duration last) {
        return switch (reason) {
            case DigestMismatch, ImageUnusable, EkMismatch -> WHERE_COSTLY;
            case HypervisorUnavailable, OwnershipUnread, NotTheOwner -> WHERE_CHEAP;
            default -> last.isZero() ? FIRST : min(last.multipliedBy(2), LONGEST);
        };
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
