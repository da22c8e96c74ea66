package io.trustedlaunch.backup;

import io.trustedlaunch.backup.CompletedBackup.Check;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.IsoFields;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Which backups of a VM in a location are kept: the last ones, and the newest of each of the last days, weeks, months and years
 * that have one; the newest one that was verified; what is pinned or too young. Nothing else.
 *
 * @param zone where a day begins, and a week on Monday
 */
public record Retention(Rules rules, ZoneId zone) {
    /**
     * How many are kept.
     *
     * @param last at least 1
     */
    public record Rules(int last, int daily, int weekly, int monthly, int yearly) {
        /** @throws IllegalArgumentException if nothing would be kept */
        public Rules {
            if (last < 1 || Math.min(Math.min(daily, weekly), Math.min(monthly, yearly)) < 0) {
                throw new IllegalArgumentException("at least the last backup is kept");
            }
        }
    }

    /** Why a backup is kept. */
    public enum Cause {
        LAST,
        DAILY,
        WEEKLY,
        MONTHLY,
        YEARLY,
        /** It is the newest one that was verified. */
        VERIFIED,
        PINNED,
        /** It is kept by no rule, and too young to go. */
        TOO_YOUNG,
        /** None can be restored, by what is on record: a person may still save something of them. */
        NOT_RESTORABLE
    }

    /**
     * Why each backup is kept; one that is not in it is to be removed.
     *
     * @param pinned whether it is kept anyway; it counts for no rule
     * @param tooYoung whether it is kept anyway; it counts for the rules as others do
     */
    public Map<UUID, Set<Cause>> kept(List<CompletedBackup> backups, Predicate<UUID> pinned, Predicate<UUID> tooYoung) {
        Map<UUID, Set<Cause>> kept = byRules(newestFirst(backups), pinned);
        backups.stream()
                .map(CompletedBackup::backup)
                .filter(pinned)
                .forEach(backup -> keep(kept, backup, Cause.PINNED));
        backups.stream()
                .map(CompletedBackup::backup)
                .filter(backup -> !kept.containsKey(backup) && tooYoung.test(backup))
                .forEach(backup -> keep(kept, backup, Cause.TOO_YOUNG));
        return kept;
    }

    /** The backups to remove, the newest first. */
    public List<UUID> expired(List<CompletedBackup> backups, Predicate<UUID> pinned) {
        Set<UUID> kept = kept(backups, pinned, backup -> false).keySet();
        return newestFirst(backups).stream()
                .map(CompletedBackup::backup)
                .filter(backup -> !kept.contains(backup))
                .toList();
    }

    private static List<CompletedBackup> newestFirst(List<CompletedBackup> backups) {
        return backups.stream().distinct().sorted(CompletedBackup.NEWEST_FIRST).toList();
    }

    /** Damaged ones are not counted: they would push out those that can be restored. */
    private Map<UUID, Set<Cause>> byRules(List<CompletedBackup> newestFirst, Predicate<UUID> pinned) {
        Map<UUID, Set<Cause>> kept = new HashMap<>();
        List<CompletedBackup> counted = newestFirst.stream()
                .filter(backup -> !pinned.test(backup.backup()))
                .toList();
        List<CompletedBackup> usable =
                counted.stream().filter(backup -> !backup.damaged()).toList();
        if (usable.isEmpty()) {
            counted.forEach(backup -> keep(kept, backup.backup(), Cause.NOT_RESTORABLE));
            return kept;
        }
        keep(kept, Cause.LAST, usable.stream().limit(rules.last()));
        keep(kept, Cause.DAILY, newestOf(usable, rules.daily(), ZonedDateTime::toLocalDate));
        keep(kept, Cause.WEEKLY, newestOf(usable, rules.weekly(), Retention::week));
        keep(kept, Cause.MONTHLY, newestOf(usable, rules.monthly(), YearMonth::from));
        keep(kept, Cause.YEARLY, newestOf(usable, rules.yearly(), ZonedDateTime::getYear));
        keep(
                kept,
                Cause.VERIFIED,
                usable.stream()
                        .filter(backup -> backup.check() == Check.VERIFIED)
                        .limit(1));
        return kept;
    }

    private Stream<CompletedBackup> newestOf(
            List<CompletedBackup> newestFirst, int periods, Function<ZonedDateTime, Object> period) {
        Set<Object> seen = new HashSet<>();
        return newestFirst.stream()
                .filter(backup -> seen.add(period.apply(backup.time().atZone(zone))))
                .limit(periods);
    }

    private static Object week(ZonedDateTime day) {
        return List.of(day.get(IsoFields.WEEK_BASED_YEAR), day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
    }

    private static void keep(Map<UUID, Set<Cause>> kept, Cause cause, Stream<CompletedBackup> backups) {
        backups.forEach(backup -> keep(kept, backup.backup(), cause));
    }

    private static void keep(Map<UUID, Set<Cause>> kept, UUID backup, Cause cause) {
        kept.computeIfAbsent(backup, unused -> EnumSet.noneOf(Cause.class)).add(cause);
    }
}
