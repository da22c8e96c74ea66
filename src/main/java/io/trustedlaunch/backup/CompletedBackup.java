package io.trustedlaunch.backup;

import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import java.util.UUID;

/**
 * A backup that was completed, as it is on record.
 *
 * @param time of the instant that it is of
 */
public record CompletedBackup(UUID backup, Instant time, Check check) {
    static final Comparator<CompletedBackup> NEWEST_FIRST = Comparator.comparing(CompletedBackup::time)
            .thenComparing(CompletedBackup::backup)
            .reversed();

    /** The result of its last verification. */
    public enum Check {
        /** It was not verified yet. */
        NONE,
        VERIFIED,
        /** Something that it needs is altered or missing. */
        DAMAGED
    }

    public CompletedBackup {
        Objects.requireNonNull(backup, "backup");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(check, "check");
    }

    public boolean damaged() {
        return check == Check.DAMAGED;
    }
}
