package io.trustedlaunch.agent.incarnation;

import java.time.Duration;

/** What follows a step. */
sealed interface Next {
    /** Something changed: look and plan again at once. */
    record Again() implements Next {}

    /** Nothing to do until something happens, or until then. */
    record LookAfter(Duration delay) implements Next {}
}
