package io.trustedlaunch.backup;

import io.trustedlaunch.backup.CompletedBackup.Check;
import java.time.ZoneId;
import java.time.temporal.IsoFields;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Which backups of a VM in a location are kept: the last ones, and the newest of each of the last weeks that have one. What a
 * kept one follows from stays, and so does all that follows from the same full one: only whole chains are removed.
 *
 * @param last at least 1
 * @param weekly the number of weeks
 * @param zone where a week begins, on Monday
 */
public record Retention(int last, int weekly, ZoneId zone) {
    /** @throws IllegalArgumentException if nothing would be kept */
    public Retention {
        if (last < 1 || weekly < 0) {
            throw new IllegalArgumentException("at least the last backup is kept");
        }
    }

    /**
     * The backups to remove, in an order in which none is removed before what follows from it. Never the newest one that was
     * verified, and nothing if none can be restored by what is on record.
     */
    public List<UUID> expired(List<CompletedBackup> backups) {
        return expired(backups, backup -> true);
    }

    /**
     * The same where only some of them count, and may be removed. A chain with another one in it stays.
     *
     * @param counts whether the backup counts
     */
    public List<UUID> expired(List<CompletedBackup> backups, Predicate<UUID> counts) {
        RecordedChains recorded = new RecordedChains(backups);
        Set<UUID> kept = kept(recorded, counts);
        if (kept.isEmpty()) {
            // None can be restored as a whole: a person may still save something of them.
            return List.of();
        }
        return recorded.chains().stream()
                .filter(chain -> chain.stream().noneMatch(backup -> kept.contains(backup.backup())))
                .filter(chain -> chain.stream().map(CompletedBackup::backup).allMatch(counts))
                .flatMap(List::stream)
                .map(CompletedBackup::backup)
                .toList();
    }

    /** Damaged ones are not counted: they would push out those that can be restored. */
    private Set<UUID> kept(RecordedChains recorded, Predicate<UUID> counts) {
        List<CompletedBackup> usable = recorded.newestFirst().stream()
                .filter(recorded::isUsable)
                .filter(backup -> counts.test(backup.backup()))
                .toList();
        Stream<CompletedBackup> newest = usable.stream().limit(last);
        Set<String> weeks = new HashSet<>();
        Stream<CompletedBackup> ofWeeks =
                usable.stream().filter(backup -> weeks.add(week(backup))).limit(weekly);
        Stream<CompletedBackup> verified = usable.stream()
                .filter(backup -> backup.check() == Check.VERIFIED)
                .limit(1);
        Set<UUID> kept = new HashSet<>();
        Stream.of(newest, ofWeeks, verified).flatMap(backups -> backups).forEach(backup -> kept.add(backup.backup()));
        return kept;
    }

    private String week(CompletedBackup backup) {
        var day = backup.time().atZone(zone);
        return day.get(IsoFields.WEEK_BASED_YEAR) + "-" + day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
    }
}
