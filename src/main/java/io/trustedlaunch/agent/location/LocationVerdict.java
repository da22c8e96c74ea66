package io.trustedlaunch.agent.location;

import io.trustedlaunch.api.Reason;

/** Whether VM files may lie in a location. */
public sealed interface LocationVerdict {
    /** They may. */
    record Open() implements LocationVerdict {}

    /** They may not; the message has the fact and the way to mend it. */
    record Closed(Reason reason, String message) implements LocationVerdict {}
}
