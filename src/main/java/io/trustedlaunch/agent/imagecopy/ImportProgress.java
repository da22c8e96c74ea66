package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.disks.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;

/** Tells of an import that takes long; of one that does not, nobody needs to hear. Ends one that is not wanted any more. */
final class ImportProgress implements Progress {
    static final Duration BETWEEN = Duration.ofSeconds(10);

    /** Who hears of it. */
    @FunctionalInterface
    interface Listener {
        void importing(String what, long done, long total);
    }

    private final InstantSource clock;
    private final BooleanSupplier unwanted;
    private final Listener listener;
    private Instant next;

    ImportProgress(InstantSource clock, BooleanSupplier unwanted, Listener listener) {
        this.clock = clock;
        this.unwanted = unwanted;
        this.listener = listener;
        this.next = clock.instant().plus(BETWEEN);
    }

    @Override
    public void at(String what, long doneBytes, long totalBytes) {
        if (unwanted.getAsBoolean()) {
            throw new CancelledImportException();
        }
        Instant now = clock.instant();
        if (!now.isBefore(next)) {
            next = now.plus(BETWEEN);
            listener.importing(what, doneBytes, totalBytes);
        }
    }
}
