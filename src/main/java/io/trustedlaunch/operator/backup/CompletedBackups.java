package io.trustedlaunch.operator.backup;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRunSpec.Completed;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.backup.CompletedBackup;
import io.trustedlaunch.backup.CompletedBackup.Check;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The backups of a VM that are whole, as they are on record. Pure. */
public final class CompletedBackups {
    /** As many as a BackupRun takes; a chain is much shorter. */
    static final int MOST = 64;

    private CompletedBackups() {}

    /**
     * Those that are whole in the location, the newest first.
     *
     * @param backups of the VM
     */
    public static List<Completed> of(List<VMBackup> backups, BackupLocation location, Instant now) {
        return in(location, backups, now)
                .limit(MOST)
                .map(CompletedBackups::completed)
                .toList();
    }

    /**
     * Those that a backup may follow from, the newest first: of the same schedule, or made by hand as it is. Otherwise each
     * schedule's backups would depend on those of the others, and none could be removed.
     *
     * @param backups of the VM
     */
    public static List<Completed> basesOf(
            VMBackup backup, List<VMBackup> backups, BackupLocation location, Instant now) {
        List<VMBackup> ofSchedule = backups.stream()
                .filter(other -> other.schedule().equals(backup.schedule()))
                .toList();
        return of(ofSchedule, location, now);
    }

    /**
     * Those that are whole in the location, the newest first; those of the future last: a clock was wrong, and nothing is newer
     * than now. What was made in another store of that name is not there.
     */
    public static Stream<VMBackup> in(BackupLocation location, List<VMBackup> backups, Instant now) {
        return backups.stream()
                .filter(backup -> backup.isIn(location))
                .filter(backup -> backup.isIn(VMBackupStatus.Phase.Completed)
                        && backup.getStatus().result() != null)
                .sorted(Comparator.comparing((VMBackup backup) -> isOfFuture(backup, now))
                        .thenComparing(CompletedBackups::time, Comparator.reverseOrder()));
    }

    /** Whether a completed backup has an instant that lies ahead. */
    public static boolean isOfFuture(VMBackup backup, Instant now) {
        return RecordedTime.isFuture(time(backup), now);
    }

    private static Instant time(VMBackup backup) {
        return Instant.parse(backup.getStatus().result().time());
    }

    /** As a run has it. */
    public static Completed completed(VMBackup backup) {
        BackupResult result = backup.getStatus().result();
        return new Completed(
                backup.getStatus().backupUID(),
                result.parentUID(),
                result.indexSHA256(),
                result.time(),
                check(backup) == Check.DAMAGED);
    }

    /** As the rules of chains have it. */
    public static CompletedBackup recorded(VMBackup backup) {
        BackupResult result = backup.getStatus().result();
        return new CompletedBackup(
                UUID.fromString(backup.getStatus().backupUID()),
                Optional.ofNullable(result.parentUID()).map(UUID::fromString),
                time(backup),
                check(backup));
    }

    private static Check check(VMBackup backup) {
        return backup.condition(ConditionType.Verified)
                .map(Condition::getStatus)
                .map(verified -> switch (verified) {
                    case "True" -> Check.VERIFIED;
                    case "False" -> Check.DAMAGED;
                    default -> Check.NONE;
                })
                .orElse(Check.NONE);
    }
}
