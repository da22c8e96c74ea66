package io.trustedlaunch.backup;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * A backup that was completed, as it is on record.
 *
 * @param parent empty if it is full
 * @param time of the instant that it is of
 */
public record CompletedBackup(UUID backup, Optional<UUID> parent, Instant time, Check check) {
    /** The result of its last verification. */
    public enum Check {
        /** It was not verified yet. */
        NONE,
        VERIFIED,
        /** Something of it, or of what it follows from, is altered or missing. */
        DAMAGED
    }

    public CompletedBackup {
        Objects.requireNonNull(backup, "backup");
        Objects.requireNonNull(parent, "parent");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(check, "check");
    }

    public boolean damaged() {
        return check == Check.DAMAGED;
    }
}
