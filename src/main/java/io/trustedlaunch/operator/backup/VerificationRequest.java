package io.trustedlaunch.operator.backup;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Value of the annotation {@code trustedlaunch.io/verify-requested-at}. An interval of ISO 8601, as a schedule sets it: what was read
 * since its begin is not read again. All else: everything is read. Pure.
 */
public final class VerificationRequest {
    private VerificationRequest() {}

    public static String interval(Instant since, Instant now) {
        return since.truncatedTo(ChronoUnit.SECONDS) + "/" + now.truncatedTo(ChronoUnit.SECONDS);
    }

    /** The begin of its interval. */
    public static Optional<Instant> since(String request) {
        int end = request.indexOf('/');
        try {
            return end < 0 ? Optional.empty() : Optional.of(Instant.parse(request.substring(0, end)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
