package io.trustedlaunch.api;

import java.util.Optional;

/** The state of a run, as its agent reports it. Completed and Failed are final. */
public enum RunPhase {
    Running,
    Completed,
    Failed;

    // Null: nothing is reported yet.
    public static RunPhase of(RunStatus reported) {
        return Optional.ofNullable(reported).map(RunStatus::phase).orElse(Running);
    }
}
