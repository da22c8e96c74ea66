package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.Backoff;
import io.trustedlaunch.api.Reason;
import java.time.Duration;

/** How long to wait before a refused start is tried again. */
final class StartBackoff {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    /** Only a person can solve it. */
    private static final Duration FOR_A_PERSON = Duration.ofMinutes(2);

    /** The next attempt is cheap, and a user waits. */
    private static final Duration CHEAP = Duration.ofSeconds(3);

    private StartBackoff() {}

    /** @param last zero if there was none */
    static Duration after(Reason reason, Duration last) {
        return switch (reason) {
            case EkMismatch -> FOR_A_PERSON;
            case HypervisorUnavailable, OwnershipUnread, NotTheOwner, AwaitingFence -> CHEAP;
            default -> Backoff.grown(last, FIRST, LONGEST);
        };
    }
}
