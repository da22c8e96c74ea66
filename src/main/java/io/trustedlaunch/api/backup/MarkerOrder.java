package io.trustedlaunch.api.backup;

import io.trustedlaunch.api.Api;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A person's order to make the marker of a BackupLocation's store, in its annotation trustedlaunch.io/initialize: the time, the
 * ID, and for a folder the node on which it is mounted. It is obeyed for some minutes only, and not once the marker was seen: later
 * something else may be mounted there, or nothing.
 *
 * @param time RFC 3339, UTC
 * @param id spec.id
 * @param nodeName that makes it; empty for a bucket, where the operator does
 */
public record MarkerOrder(Instant time, String id, Optional<String> nodeName) {
    /** Nor is one from as far ahead: one of the clocks is wrong. */
    public static final Duration VALIDITY = Duration.ofMinutes(10);

    /** The value of the annotation. */
    public String text() {
        return time + " " + id + nodeName.map(node -> " " + node).orElse("");
    }

    /** Empty without the annotation, and for a value that is none. */
    public static Optional<MarkerOrder> of(BackupLocation location) {
        return Optional.ofNullable(location.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Api.INITIALIZE))
                .flatMap(MarkerOrder::parse);
    }

    private static Optional<MarkerOrder> parse(String text) {
        List<String> parts = List.of(text.split(" ", -1));
        if (parts.size() < 2 || parts.size() > 3) {
            return Optional.empty();
        }
        try {
            return Optional.of(new MarkerOrder(
                    Instant.parse(parts.getFirst()),
                    parts.get(1),
                    parts.stream().skip(2).findFirst()));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /**
     * The ID of the marker that is to be made.
     *
     * @param by the node that asks; empty: the operator, for a bucket
     */
    public static Optional<String> due(BackupLocation location, Optional<String> by, Instant now) {
        return of(location)
                .filter(order -> order.nodeName.equals(by))
                .filter(order -> order.isCurrent(now))
                .map(MarkerOrder::id)
                .filter(location::isStore)
                .filter(id -> location.status().map(BackupLocationStatus::id).isEmpty());
    }

    public boolean isCurrent(Instant now) {
        return Duration.between(time, now).abs().compareTo(VALIDITY) <= 0;
    }
}
