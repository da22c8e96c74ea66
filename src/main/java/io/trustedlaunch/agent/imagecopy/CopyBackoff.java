package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.host.Backoff;
import io.trustedlaunch.agent.imagesource.TryLaterException;
import io.trustedlaunch.api.Reason;
import java.time.Duration;

/** How long an import rests that was refused. */
final class CopyBackoff {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    /** Where a user waits for an administrator who makes room, or opens or closes a folder. */
    private static final Duration LONGEST_HERE = Duration.ofSeconds(30);

    /** Where a try costs as much as a whole image. */
    private static final Duration WHERE_COSTLY = Duration.ofMinutes(2);

    /** A server that asks for a year is not believed. */
    private static final Duration LONGEST_ASKED = Duration.ofHours(1);

    private CopyBackoff() {}

    /** As the source asked for, if it did. One that came further is doing what it can. */
    static Duration after(TryLaterException later, Duration last) {
        Duration own = later.cameFurther() ? FIRST : Backoff.grown(last, FIRST, LONGEST);
        return later.retryAfter()
                .filter(asked -> asked.compareTo(own) > 0)
                .map(asked -> asked.compareTo(LONGEST_ASKED) < 0 ? asked : LONGEST_ASKED)
                .orElse(own);
    }

    /** @param last zero if there was none */
    static Duration after(Reason reason, Duration last) {
        return switch (reason) {
            case DigestMismatch, ImageSizeMismatch, ImageUnusable -> Backoff.grown(last, WHERE_COSTLY, LONGEST);
            case NoSpace, LocationMissing, LocationNotRestricted, LocationUnreachable, ImageFileMissing ->
                Backoff.grown(last, FIRST, LONGEST_HERE);
            default -> Backoff.grown(last, FIRST, LONGEST);
        };
    }
}
