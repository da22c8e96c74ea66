package io.trustedlaunch.operator;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Whether this process is ready, and if not, why. */
final class Readiness {
    private final AtomicReference<String> problem = new AtomicReference<>("starting");

    void ready() {
        problem.set(null);
    }

    void notReady(String reason) {
        problem.set(reason);
    }

    Optional<String> problem() {
        return Optional.ofNullable(problem.get());
    }
}
