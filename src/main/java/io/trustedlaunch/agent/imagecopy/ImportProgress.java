package io.trustedlaunch.agent.imagecopy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Reports the progress of long imports, and cancels those that are no longer needed. */
final class ImportProgress {
    static final Duration REPORT_INTERVAL = Duration.ofSeconds(10);

    /** Receives the progress. */
    @FunctionalInterface
    interface Listener {
        void importing(String activity, long done, OptionalLong total);
    }

    private final InstantSource clock;
    private final BooleanSupplier obsolete;
    private final Listener listener;
    private final Instant begin;
    private Instant next;
    private long fetched;

    ImportProgress(InstantSource clock, BooleanSupplier obsolete, Listener listener) {
        this.clock = clock;
        this.obsolete = obsolete;
        this.listener = listener;
        this.begin = clock.instant();
        this.next = begin.plus(REPORT_INTERVAL);
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
        fetched = done;
        Instant now = clock.instant();
        if (!now.isBefore(next)) {
            next = now.plus(REPORT_INTERVAL);
            listener.importing("fetching the image", done, total);
        }
    }

    /** Fetching is complete. Reported only if the import has taken long so far. */
    void converting() {
        if (!clock.instant().isBefore(begin.plus(REPORT_INTERVAL))) {
            listener.importing("converting the image", fetched, OptionalLong.of(fetched));
        }
    }
}
