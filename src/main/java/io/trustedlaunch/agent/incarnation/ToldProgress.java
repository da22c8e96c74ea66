package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.disks.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;

/** Tells of a copy that takes long; of one that does not, nobody needs to hear. */
final class ToldProgress implements Progress {
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration THEN = Duration.ofMinutes(1);

    private final InstantSource clock;
    private final Consumer<String> told;
    private Instant next;

    ToldProgress(InstantSource clock, Consumer<String> told) {
        this.clock = clock;
        this.told = told;
        this.next = clock.instant().plus(FIRST);
    }

    @Override
    public void at(String what, long doneBytes, long totalBytes) {
        Instant now = clock.instant();
        if (now.isBefore(next)) {
            return;
        }
        next = now.plus(THEN);
        told.accept(what + ": " + doneBytes * 100 / Math.max(1, totalBytes) + " % of " + (totalBytes >> 20) + " MiB");
    }
}
