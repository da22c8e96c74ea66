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
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The backups of a VM that are whole, as they are on record. Pure. */
public final class CompletedBackups {
    /** As many as a BackupRun takes. */
    static final int MOST = 64;

    private CompletedBackups() {}

    /**
     * Those that a backup may build on, the newest first, whichever schedule made them.
     *
     * @param backups of the VM
     */
    public static List<Completed> basesOf(List<VMBackup> backups, BackupLocation location, Instant now) {
        Optional<Instant> damage = backups.stream()
                .filter(backup -> backup.isIn(location))
                .flatMap(backup -> damage(backup).stream())
                .max(Comparator.naturalOrder());
        return in(location, backups, now)
                .limit(MOST)
                .map(backup -> completed(backup, damage))
                .toList();
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

    private static Completed completed(VMBackup backup, Optional<Instant> damage) {
        BackupResult result = backup.getStatus().result();
        return new Completed(
                backup.getStatus().backupUID(),
                result.indexSHA256(),
                result.time(),
                check(backup) == Check.DAMAGED
                        || damage.filter(found -> mayHave(found, backup)).isPresent());
    }

    /** When a backup was found damaged. Others of the VM in the location may have the damage, too, since they share files. */
    public static Optional<Instant> damage(VMBackup backup) {
        return check(backup) == Check.DAMAGED ? verified(backup) : Optional.empty();
    }

    /** Whether a backup has nothing of what was there when damage was found. */
    public static boolean isMadeSince(Instant damage, VMBackup backup) {
        return check(backup) != Check.DAMAGED
                && !backup.wasImported()
                && backup.begun().isAfter(damage);
    }

    /** Whether it is not known to be damaged, and may be: it was there when that was found of another, and was not read since. */
    public static boolean mayHave(Instant damage, VMBackup backup) {
        return check(backup) != Check.DAMAGED && !isMadeSince(damage, backup) && !isWholeSince(damage, backup);
    }

    private static boolean isWholeSince(Instant damage, VMBackup backup) {
        return readSince(backup).filter(damage::isBefore).isPresent();
    }

    /** Since when all that it needs was read, each file for it or for another backup, and was intact; empty if it is not known to be. */
    public static Optional<Instant> readSince(VMBackup backup) {
        return check(backup) == Check.VERIFIED ? lastRead(backup) : Optional.empty();
    }

    /** The same, whatever was found then or is doubted since. */
    public static Optional<Instant> lastRead(VMBackup backup) {
        return Optional.ofNullable(backup.getStatus().verification())
                .map(VMBackupStatus.Verification::readSince)
                .map(Instant::parse);
    }

    /**
     * Those whose packs a verification need not read again, the nearest in time first: these have most in common with it. What is on
     * record in another namespace may have been imported there, and is not believed.
     *
     * @param others of the VM in the same store
     * @param since what was read before does not count
     */
    public static Stream<VMBackup> alreadyRead(VMBackup backup, List<VMBackup> others, Instant since, Instant now) {
        Optional<Instant> damage = Stream.concat(Stream.of(backup), others.stream())
                .flatMap(one -> damage(one).stream())
                .max(Comparator.naturalOrder());
        String namespace = backup.getMetadata().getNamespace();
        return others.stream()
                .filter(other -> namespace.equals(other.getMetadata().getNamespace()))
                .filter(other -> other.isIn(VMBackupStatus.Phase.Completed)
                        && other.getStatus().result() != null)
                .filter(other -> readSince(other)
                        .filter(read -> !read.isBefore(since) && !RecordedTime.isFuture(read, now))
                        .filter(read ->
                                damage.filter(found -> !found.isBefore(read)).isEmpty())
                        .isPresent())
                .sorted(Comparator.comparing(
                        other -> Duration.between(time(other), time(backup)).abs()));
    }

    private static Optional<Instant> verified(VMBackup backup) {
        return Optional.ofNullable(backup.getStatus().verification())
                .map(VMBackupStatus.Verification::time)
                .map(Instant::parse);
    }

    /** As the rules of retention have it. */
    public static CompletedBackup recorded(VMBackup backup) {
        return new CompletedBackup(UUID.fromString(backup.getStatus().backupUID()), time(backup), check(backup));
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
