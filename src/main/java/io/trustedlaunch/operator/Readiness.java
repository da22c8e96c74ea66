package io.trustedlaunch.operator;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Whether this process can do its work, and why not. */
final class Readiness {
    private final AtomicReference<String> obstacle = new AtomicReference<>("starting");

    void ready() {
        obstacle.set(null);
    }

    void notReady(String why) {
        obstacle.set(why);
    }

    Optional<String> obstacle() {
        return Optional.ofNullable(obstacle.get());
    }
}
