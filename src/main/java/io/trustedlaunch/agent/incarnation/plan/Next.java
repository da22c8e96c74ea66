package io.trustedlaunch.agent.incarnation.plan;

import java.time.Duration;

/** What follows a step. */
public sealed interface Next {
    /** Fallback for lost events, and for what sends none. */
    Duration RESYNC = Duration.ofSeconds(30);

    /** Something changed: look and plan again at once. */
    record Again() implements Next {}

    /** Nothing to do until something happens, or until then. */
    record LookAfter(Duration delay) implements Next {}
}
