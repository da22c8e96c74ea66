package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.api.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long a start that was refused rests, longer each time. A failed start wakes the agent itself, through the events
 * of the domain that came and went: without this it would try in a circle.
 */
final class Patience {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    /** Where a try costs as much as a whole image, or where only a person can mend it. */
    private static final Duration WHERE_COSTLY = Duration.ofMinutes(2);

    /** Where the next try costs next to nothing, and a user waits. */
    private static final Duration WHERE_CHEAP = Duration.ofSeconds(3);

    private final Map<UUID, Rest> rests = new ConcurrentHashMap<>();

    /** @param generation of the incarnation's spec: another wish is tried at once */
    private record Rest(long generation, Duration length, Instant until) {}

    /** How long a start is still to rest; empty: it may be tried. */
    Optional<Duration> remaining(UUID vm, long generation, Instant now) {
        return Optional.ofNullable(rests.get(vm))
                .filter(rest -> rest.generation() == generation && now.isBefore(rest.until()))
                .map(rest -> Duration.between(now, rest.until()));
    }

    /** Returns how long it is to rest. */
    Duration refused(UUID vm, long generation, Reason reason, Instant now) {
        Duration last = Optional.ofNullable(rests.get(vm))
                .filter(rest -> rest.generation() == generation)
                .map(Rest::length)
                .orElse(Duration.ZERO);
        Duration length = length(reason, last);
        rests.put(vm, new Rest(generation, length, now.plus(length)));
        return length;
    }

    void forget(UUID vm) {
        rests.remove(vm);
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
