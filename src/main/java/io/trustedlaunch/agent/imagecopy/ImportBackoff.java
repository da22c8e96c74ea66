package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.host.Backoff;
import io.trustedlaunch.agent.imagesource.TryLaterException;
import io.trustedlaunch.api.Reason;
import java.time.Duration;

/** Delays between failed imports. */
final class ImportBackoff {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    /** For problems that an administrator fixes on this node while users wait. */
    private static final Duration LONGEST_FOR_NODE = Duration.ofSeconds(30);

    /** For attempts that download a whole image. */
    private static final Duration FIRST_AFTER_DOWNLOAD = Duration.ofMinutes(2);

    /** Limits the Retry-After of a server. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);

    private ImportBackoff() {}

    /** @param last zero if there was none */
    static Duration after(Reason reason, Exception cause, Duration last) {
        if (cause instanceof TryLaterException later) {
            return after(later, last);
        }
        return switch (reason) {
            case DigestMismatch, ImageSizeMismatch, ImageUnusable -> Backoff.grown(last, FIRST_AFTER_DOWNLOAD, LONGEST);
            case NoSpace, LocationMissing, LocationNotRestricted, LocationUnreachable, ImageFileMissing ->
                Backoff.grown(last, FIRST, LONGEST_FOR_NODE);
            default -> Backoff.grown(last, FIRST, LONGEST);
        };
    }

    /** At least the source's Retry-After. After progress the delay does not grow. */
    private static Duration after(TryLaterException later, Duration last) {
        Duration own = later.madeProgress() ? FIRST : Backoff.grown(last, FIRST, LONGEST);
        return later.retryAfter()
                .filter(asked -> asked.compareTo(own) > 0)
                .map(asked -> asked.compareTo(LONGEST_RETRY_AFTER) < 0 ? asked : LONGEST_RETRY_AFTER)
                .orElse(own);
    }
}
