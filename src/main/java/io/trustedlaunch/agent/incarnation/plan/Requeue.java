package io.trustedlaunch.agent.incarnation.plan;

import java.time.Duration;

/** When to plan again after a step. */
public sealed interface Requeue {
    /** Fallback resync for lost events and unwatched objects. */
    Duration RESYNC = Duration.ofSeconds(30);

    /** The step changed something. */
    record Now() implements Requeue {}

    /** Requeues after an event, or after this delay at the latest. */
    record After(Duration delay) implements Requeue {}

    static Requeue now() {
        return new Now();
    }

    static Requeue after(Duration delay) {
        return new After(delay);
    }

    static Requeue atResync() {
        return new After(RESYNC);
    }
}
