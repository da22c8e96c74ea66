package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.Backoff;
import io.trustedlaunch.api.Reason;
import java.time.Duration;

/** How long a start rests that was refused. */
final class StartBackoff {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    /** Where only a person can mend it. */
    private static final Duration WHERE_COSTLY = Duration.ofMinutes(2);

    /** Where the next try costs next to nothing, and a user waits. */
    private static final Duration WHERE_CHEAP = Duration.ofSeconds(3);

    private StartBackoff() {}

    /** @param last zero if there was none */
    static Duration after(Reason reason, Duration last) {
        return switch (reason) {
            case EkMismatch -> WHERE_COSTLY;
            case HypervisorUnavailable, OwnershipUnread, NotTheOwner -> WHERE_CHEAP;
            default -> Backoff.grown(last, FIRST, LONGEST);
        };
    }
}
