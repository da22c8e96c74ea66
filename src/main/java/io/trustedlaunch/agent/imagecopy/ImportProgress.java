package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.imagesource.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Reports the progress of long imports, and cancels those that are no longer needed. */
final class ImportProgress {
    static final Duration REPORT_INTERVAL = Duration.ofSeconds(10);

    private final InstantSource clock;
    private final BooleanSupplier obsolete;
    private final Progress listener;
    private Instant next;

    ImportProgress(InstantSource clock, BooleanSupplier obsolete, Progress listener) {
        this.clock = clock;
        this.obsolete = obsolete;
        this.listener = listener;
        this.next = clock.instant().plus(REPORT_INTERVAL);
    }

    boolean isObsolete() {
        return obsolete.getAsBoolean();
    }

    /** The copy is no longer needed, or the agent is stopping. */
    boolean isCancelled() {
        return isObsolete() || Thread.currentThread().isInterrupted();
    }

    void fetched(long done, OptionalLong total) {
        if (isCancelled()) {
            throw new CancellationException();
        }
        Instant now = clock.instant();
        if (!now.isBefore(next)) {
            next = now.plus(REPORT_INTERVAL);
            listener.at(done, total);
        }
    }
}
