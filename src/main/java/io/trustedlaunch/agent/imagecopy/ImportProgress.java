package io.trustedlaunch.agent.imagecopy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Tells of an import that takes long; of one that does not, nobody needs to hear. Ends one that is not wanted any more. */
final class ImportProgress {
    static final Duration BETWEEN = Duration.ofSeconds(10);

    /** Who hears of it. */
    @FunctionalInterface
    interface Listener {
        void importing(String what, long done, OptionalLong total);
    }

    private final InstantSource clock;
    private final BooleanSupplier unwanted;
    private final Listener listener;
    private final Instant begin;
    private Instant next;
    private long fetched;

    ImportProgress(InstantSource clock, BooleanSupplier unwanted, Listener listener) {
        this.clock = clock;
        this.unwanted = unwanted;
        this.listener = listener;
        this.begin = clock.instant();
        this.next = begin.plus(BETWEEN);
    }

    boolean isUnwanted() {
        return unwanted.getAsBoolean();
    }

    /** Nobody wants it any more, or the agent is told to stop. */
    boolean isOver() {
        return isUnwanted() || Thread.currentThread().isInterrupted();
    }

    void fetched(long done, OptionalLong total) {
        if (isOver()) {
            throw new CancellationException();
        }
        fetched = done;
        Instant now = clock.instant();
        if (!now.isBefore(next)) {
            next = now.plus(BETWEEN);
            listener.importing("fetching it", done, total);
        }
    }

    /** All is there. What was told of before takes long this time, too. */
    void converting() {
        if (!clock.instant().isBefore(begin.plus(BETWEEN))) {
            listener.importing("converting it", fetched, OptionalLong.of(fetched));
        }
    }
}
