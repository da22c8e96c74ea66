package io.trustedlaunch.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.CompletedBackup.Check;
import io.trustedlaunch.backup.Retention.Cause;
import io.trustedlaunch.backup.Retention.Rules;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetentionTest {
    private static final Predicate<UUID> NONE = backup -> false;

    /** A Monday. */
    private static final Instant START = Instant.parse("2026-11-02T02:00:00Z");

    /** Backups a day apart, each a B; v behind it: verified, x: damaged. */
    private static List<CompletedBackup> backups(String text) {
        List<CompletedBackup> backups = new ArrayList<>();
        for (char letter : text.toCharArray()) {
            switch (letter) {
                case 'B' -> backups.add(backup(backups.size(), Check.NONE));
                case 'v' -> backups.add(checked(backups.removeLast(), Check.VERIFIED));
                case 'x' -> backups.add(checked(backups.removeLast(), Check.DAMAGED));
                default -> throw new IllegalArgumentException(text);
            }
        }
        return backups;
    }

    private static CompletedBackup backup(int day, Check check) {
        return new CompletedBackup(BackupFixture.backup(day), START.plus(Duration.ofDays(day)), check);
    }

    private static CompletedBackup checked(CompletedBackup backup, Check check) {
        return new CompletedBackup(backup.backup(), backup.time(), check);
    }

    private static Retention weekly(int last, int weekly, ZoneId zone) {
        return new Retention(new Rules(last, 0, weekly, 0, 0), zone);
    }

    /** Three years of one a day, the last on a Monday. */
    @Test
    void eachRuleKeepsTheNewestOfItsPeriods() {
        List<CompletedBackup> all = backups("B".repeat(3 * 365 + 1));
        Map<UUID, Set<Cause>> kept = new Retention(new Rules(2, 3, 4, 5, 6), ZoneOffset.UTC).kept(all, NONE, NONE);
        assertThat(of(kept, Cause.LAST)).isEqualTo(2);
        assertThat(of(kept, Cause.DAILY)).isEqualTo(3);
        assertThat(of(kept, Cause.WEEKLY)).isEqualTo(4);
        assertThat(of(kept, Cause.MONTHLY)).isEqualTo(5);
        assertThat(of(kept, Cause.YEARLY)).as("2026 to 2029").isEqualTo(4);
        assertThat(kept.get(all.getLast().backup()))
                .containsExactly(Cause.LAST, Cause.DAILY, Cause.WEEKLY, Cause.MONTHLY, Cause.YEARLY);
        assertThat(kept).as("several are kept by more than one rule").hasSize(12);
    }

    private static long of(Map<UUID, Set<Cause>> kept, Cause cause) {
        return kept.values().stream().filter(why -> why.contains(cause)).count();
    }

    /** A protected one is kept beside what the rules keep. */
    @Test
    void whatIsPinnedCountsForNoRule() {
        List<CompletedBackup> all = backups("BBBBBB");
        UUID pinned = all.get(1).backup();
        Map<UUID, Set<Cause>> kept = weekly(2, 0, ZoneOffset.UTC).kept(all, pinned::equals, NONE);
        assertThat(kept)
                .containsOnlyKeys(pinned, all.get(4).backup(), all.get(5).backup());
        assertThat(kept.get(pinned)).containsExactly(Cause.PINNED);
    }

    /** It changes nothing of what the rules keep. */
    @Test
    void whatIsTooYoungCountsForTheRulesAsOthersDo() {
        List<CompletedBackup> all = backups("BBBBBB");
        Set<UUID> young = Set.of(all.get(1).backup(), all.get(5).backup());
        Map<UUID, Set<Cause>> kept = weekly(2, 0, ZoneOffset.UTC).kept(all, NONE, young::contains);
        assertThat(kept)
                .containsOnlyKeys(
                        all.get(1).backup(), all.get(4).backup(), all.get(5).backup());
        assertThat(kept.get(all.get(1).backup())).containsExactly(Cause.TOO_YOUNG);
        assertThat(kept.get(all.get(5).backup())).containsExactly(Cause.LAST);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            # backups,          last, weekly, removed (by day, in this order)
            B,                  1,    0,      -
            BB,                 1,    0,      0
            BBBB,               2,    0,      1 0
            BBBBBB,             4,    0,      1 0
            BBBBBBBBBBBBBB,     1,    2,      12 11 10 9 8 7 5 4 3 2 1 0
            BBBBBBBBBBBBBBB,    1,    2,      12 11 10 9 8 7 6 5 4 3 2 1 0
            BBBBBBBBBBBBBBB,    1,    3,      12 11 10 9 8 7 5 4 3 2 1 0
            # Damaged ones are not counted, and go.
            BBxBx,              1,    0,      2 1
            BBBxBBx,            1,    0,      4 2 1 0
            BxBxBx,             1,    0,      -
            # The newest that was verified stays.
            BvBB,               1,    0,      1
            BvBvB,              1,    0,      0
            BvBvBv,             1,    0,      1 0
            BBvBBBB,            1,    0,      4 3 2 0
            BvxBB,              1,    0,      1 0
            """)
    void rows(String text, int last, int weekly, String removed) {
        List<UUID> expected = removed == null
                ? List.of()
                : List.of(removed.split(" ")).stream()
                        .map(day -> BackupFixture.backup(Integer.parseInt(day)))
                        .toList();

        assertThat(weekly(last, weekly, ZoneOffset.UTC).expired(backups(text), NONE))
                .isEqualTo(expected);
    }

    @Test
    void aWeekBeginsOnMondayOfItsZone() {
        // Sunday night in UTC, and Monday morning in Auckland.
        CompletedBackup sunday = backup(-1, Check.NONE);
        CompletedBackup evening =
                new CompletedBackup(BackupFixture.backup(100), Instant.parse("2026-11-01T20:00:00Z"), Check.NONE);
        CompletedBackup later = backup(7, Check.NONE);
        List<CompletedBackup> all = List.of(sunday, evening, later);

        assertThat(weekly(1, 2, ZoneOffset.UTC).expired(all, NONE)).containsExactly(sunday.backup());
        assertThat(weekly(1, 3, ZoneId.of("Pacific/Auckland")).expired(all, NONE))
                .isEmpty();
    }

    @Test
    void theLastOneIsAlwaysKept() {
        assertThatThrownBy(() -> new Rules(0, 0, 4, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Rules(1, 0, 0, 0, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Whatever is on record: something that can be restored is kept, and something that was verified. */
    @Test
    void randomRecordsLoseNothingThatIsNeeded() {
        long seed = Long.getLong("backup.seed", new Random().nextLong());
        System.out.println("retention: -Dbackup.seed=" + seed);
        Random random = new Random(seed);
        for (int times = 0; times < 3000; times++) {
            List<CompletedBackup> all = random(random);
            List<UUID> removed = weekly(1 + random.nextInt(4), random.nextInt(4), ZoneOffset.UTC)
                    .expired(all, NONE);
            String what = "case " + times + " of seed " + seed + ": " + all;
            assertThat(removed).as(what).doesNotHaveDuplicates();
            List<CompletedBackup> usable =
                    all.stream().filter(one -> !one.damaged()).toList();
            assertThat(usable.isEmpty() || usable.stream().anyMatch(one -> !removed.contains(one.backup())))
                    .as(what)
                    .isTrue();
            List<CompletedBackup> verified =
                    usable.stream().filter(one -> one.check() == Check.VERIFIED).toList();
            assertThat(verified.isEmpty() || verified.stream().anyMatch(one -> !removed.contains(one.backup())))
                    .as(what)
                    .isTrue();
        }
    }

    private static List<CompletedBackup> random(Random random) {
        List<CompletedBackup> all = new ArrayList<>();
        int count = random.nextInt(20);
        for (int day = 0; day < count; day++) {
            all.add(backup(day * 2, Check.values()[random.nextInt(3)]));
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            # backups, those of others, last, removed
            BBBB,      0 1 2,           1,    -
            BBBB,      1 3,             1,    0
            BBBB,      3,               2,    0
            BBBBB,     1,               1,    3 2 0
            BBB,       0 1 2,           1,    -
            """)
    void whatIsOfOthersCountsNothingAndStays(String text, String others, int last, String removed) {
        List<CompletedBackup> backups = backups(text);
        Set<UUID> ofOthers = new HashSet<>();
        for (String day : others.split(" ")) {
            ofOthers.add(backups.get(Integer.parseInt(day)).backup());
        }
        List<UUID> expected = removed == null
                ? List.of()
                : Arrays.stream(removed.split(" "))
                        .map(day -> backups.get(Integer.parseInt(day)).backup())
                        .toList();
        assertThat(weekly(last, 0, ZoneOffset.UTC).expired(backups, ofOthers::contains))
                .isEqualTo(expected);
    }
}
