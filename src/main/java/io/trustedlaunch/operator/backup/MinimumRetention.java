package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.controller.ClusterTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How long the files of each backup in a place stay at least, whoever asks for their removal. Pure.
 *
 * @param least zero: there is no such time
 */
public record MinimumRetention(Duration least) {
    public static final MinimumRetention NONE = new MinimumRetention(Duration.ZERO);

    /** The longest of all BackupLocations of the folder or bucket: a second one shortens nothing. */
    public static MinimumRetention of(BackupLocation location, Stream<BackupLocation> all) {
        String place = place(location);
        return new MinimumRetention(Stream.concat(Stream.of(location), all)
                .filter(other -> place(other).equals(place))
                .map(other -> other.getSpec().retention())
                .max(Comparator.naturalOrder())
                .orElseThrow());
    }

    private static String place(BackupLocation location) {
        return BackupRunSpec.Location.of(location).place();
    }

    /** Why the files of a backup stay now; empty: they may go. They stay, too, while their age is not known by two clocks. */
    public Optional<Problem> problem(VMBackup backup, ClusterTime time) {
        if (least.isZero()) {
            return Optional.empty();
        }
        String location = backup.getSpec().locationRef().name();
        if (!time.isAgreed()) {
            return Optional.of(new Problem(
                    Reason.ClocksDiffer,
                    "BackupLocation " + location
                            + " keeps files for a minimum time, and the operator's clock and the API"
                            + " server's do not agree: set the one that is wrong; then this goes on by itself"));
        }
        return holds(backup, time.now())
                ? Optional.of(new Problem(
                        Reason.MinimumRetention,
                        "spec.minimumRetention of BackupLocation " + location + " keeps the files until " + end(backup)
                                + "; then they are removed by themselves"))
                : Optional.empty();
    }

    /** Whether the files of a backup that has begun are to stay at a time. */
    public boolean holds(VMBackup backup, Instant now) {
        return !least.isZero() && now.isBefore(end(backup));
    }

    /**
     * Counts from the latest instant on record: one that lies ahead holds the files, and none is before the record was created, of
     * which only the API server says when. So no record with an earlier date makes the files older.
     */
    private Instant end(VMBackup backup) {
        VMBackupStatus status = backup.getStatus();
        return Stream.of(
                        backup.getMetadata().getCreationTimestamp(),
                        status.startTime(),
                        status.completionTime(),
                        Optional.ofNullable(status.result())
                                .map(BackupResult::time)
                                .orElse(null))
                .filter(Objects::nonNull)
                .map(Instant::parse)
                .max(Comparator.naturalOrder())
                .orElseThrow()
                .plus(least);
    }
}
