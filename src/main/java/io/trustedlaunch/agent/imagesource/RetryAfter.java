package io.trustedlaunch.agent.imagesource;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** The header {@code Retry-After}. */
final class RetryAfter {
    private static final int MAX_DIGITS = 9;

    private RetryAfter() {}

    /** Empty if the value is neither seconds nor a time. */
    static Optional<Duration> parse(String value, Instant now) {
        String given = value.strip();
        if (!given.isEmpty() && given.length() <= MAX_DIGITS && given.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(given)));
        }
        try {
            Instant then = ZonedDateTime.parse(given, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Optional.of(then.isAfter(now) ? Duration.between(now, then) : Duration.ZERO);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
