package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.host.Patience;
import io.trustedlaunch.api.Reason;
import java.time.Duration;

/** How long an import rests that was refused. */
final class CopyRest {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    /** Where a user waits for an administrator who makes room, or opens or closes a folder. */
    private static final Duration LONGEST_HERE = Duration.ofSeconds(30);

    /** Where a try costs as much as a whole image. */
    private static final Duration WHERE_COSTLY = Duration.ofMinutes(2);

    private CopyRest() {}

    /** @param last zero if there was none */
    static Duration after(Reason reason, Duration last) {
        return switch (reason) {
            case DigestMismatch, ImageUnusable -> Patience.grown(last, WHERE_COSTLY, LONGEST);
            case NoSpace, LocationMissing, LocationNotRestricted, LocationUnreachable, ImageFileMissing ->
                Patience.grown(last, FIRST, LONGEST_HERE);
            default -> Patience.grown(last, FIRST, LONGEST);
        };
    }
}
