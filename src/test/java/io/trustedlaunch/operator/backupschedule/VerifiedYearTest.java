package io.trustedlaunch.operator.backupschedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.AlreadyRead;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupScheduleSpec.Keep;
import io.trustedlaunch.api.backup.VMBackupScheduleSpec.Verify;
import io.trustedlaunch.api.backup.VMBackupStatus.Verification;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.operator.backup.CompletedBackups;
import io.trustedlaunch.operator.backup.VerificationRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nightly backups that share packs, all verified within a week: what is read, when, and how often. A pack is a backup's name. */
class VerifiedYearTest {
    private static final int DAYS = 365;
    private static final Duration EVERY = Duration.ofDays(7);
    private static final Duration DAY = Duration.ofDays(1);
    /** The API server's clock, which dates runs. */
    private static final Duration BEHIND = Duration.ofMinutes(4);

    private static final int UNLIMITED = 1000;

    private final PlayedYear year = new PlayedYear();
    private final Random random = new Random(5);
    private final ScheduleWorld nightly = year.schedule(
            "nightly",
            "folder",
            spec -> spec.schedule("0 2 * * *")
                    .startWithin("12h")
                    .keep(new Keep(7, 0, 4, 12, 0))
                    .verify(new Verify("168h")));

    /** The packs that each backup needs, its own one included. */
    private final Map<String, Set<String>> needed = new HashMap<>();
    /** By the true time, each pack that was written or read. */
    private final Map<String, Instant> last = new TreeMap<>();

    private final Set<String> damaged = new HashSet<>();
    private final Map<String, Integer> readInRound = new TreeMap<>();
    private Optional<Instant> round = Optional.empty();
    private int rounds;
    private int reads;

    private void day(int mostRuns) {
        year.day();
        write();
        verify(mostRuns);
    }

    /** Each needs most of what the one before needs, unless that may be damaged; packs wear out. */
    private void write() {
        for (VMBackup backup : byAge()) {
            String name = backup.getMetadata().getName();
            if (!needed.containsKey(name)) {
                Set<String> packs = new HashSet<>(newestBefore(backup)
                        .map(older -> needed.get(older.getMetadata().getName()))
                        .orElseGet(Set::of));
                packs.removeIf(pack -> random.nextInt(20) == 0);
                packs.add(name);
                needed.put(name, packs);
                last.put(name, year.now);
            }
        }
    }

    private List<VMBackup> byAge() {
        return year.backups.values().stream()
                .sorted(Comparator.comparing(VMBackup::begun))
                .toList();
    }

    private Optional<VMBackup> newestBefore(VMBackup backup) {
        return byAge().stream()
                .filter(other -> needed.containsKey(other.getMetadata().getName()))
                .filter(other -> !other.begun().isAfter(backup.begun()))
                .filter(other -> !CompletedBackups.recorded(other).damaged())
                .filter(other -> lastDamage()
                        .filter(found -> CompletedBackups.mayHave(found, other))
                        .isEmpty())
                .reduce((older, newer) -> newer);
    }

    /** As the operator and an agent do, ten minutes each. */
    private void verify(int mostRuns) {
        for (int runs = 0; runs < mostRuns; runs++) {
            List<VerificationPlanner.Due> due = VerificationPlanner.due(nightly.facts());
            if (due.isEmpty()) {
                return;
            }
            assertThat(due).as("of one VM").hasSize(1);
            run(due.getFirst().backup(), due.getFirst().request());
            nightly.now = nightly.now.plusSeconds(600);
        }
        assertThat(mostRuns).as("it never ends").isLessThan(UNLIMITED);
    }

    private void run(VMBackup backup, String request) {
        Instant since = VerificationRequest.since(request).orElseThrow();
        if (round.filter(since::equals).isEmpty()) {
            round = Optional.of(since);
            rounds++;
            readInRound.clear();
        }
        List<VMBackup> others =
                year.backups.values().stream().filter(other -> other != backup).toList();
        List<VMBackup> read = CompletedBackups.alreadyRead(backup, others, since, nightly.now)
                .limit(AlreadyRead.MOST)
                .toList();
        Set<String> packs = new HashSet<>(needed.get(backup.getMetadata().getName()));
        read.forEach(other -> packs.removeAll(needed.get(other.getMetadata().getName())));
        for (String pack : packs) {
            last.put(pack, year.now);
            readInRound.merge(pack, 1, Integer::sum);
            reads++;
        }
        Instant oldest = read.stream()
                .flatMap(other -> CompletedBackups.readSince(other).stream())
                .min(Comparator.naturalOrder())
                .orElse(nightly.now.minus(BEHIND));
        boolean whole = packs.stream().noneMatch(damaged::contains);
        backup.setStatus(VMBackupStatusBuilder.builder(backup.getStatus())
                .verification(
                        new Verification(request, nightly.now.plusSeconds(500).toString(), oldest.toString()))
                .build());
        annotate(backup, request);
        condition(backup, whole ? "True" : "False");
        if (!whole) {
            doubt();
        }
    }

    private static void annotate(VMBackup backup, String request) {
        Map<String, String> annotations = new HashMap<>(
                Optional.ofNullable(backup.getMetadata().getAnnotations()).orElseGet(Map::of));
        annotations.put(Api.VERIFY_BACKUP, request);
        backup.getMetadata().setAnnotations(annotations);
    }

    private static void condition(VMBackup backup, String status) {
        backup.setStatus(VMBackupStatusBuilder.builder(backup.getStatus())
                .conditions(List.of(new ConditionBuilder()
                        .withType(ConditionType.Verified.name())
                        .withStatus(status)
                        .build()))
                .build());
    }

    /** As the controller of what has ended does at once. */
    private void doubt() {
        Instant found = lastDamage().orElseThrow();
        year.backups.values().stream()
                .filter(other -> CompletedBackups.mayHave(found, other))
                .forEach(other -> condition(other, "Unknown"));
    }

    private Optional<Instant> lastDamage() {
        return year.backups.values().stream()
                .flatMap(other -> CompletedBackups.damage(other).stream())
                .max(Comparator.naturalOrder());
    }

    private Set<String> stored() {
        Set<String> stored = new HashSet<>();
        for (VMBackup backup : year.backups.values()) {
            if (!CompletedBackups.isOfFuture(backup, year.now)) {
                stored.addAll(needed.get(backup.getMetadata().getName()));
            }
        }
        return stored;
    }

    private void assertAllReadWithin(Duration time) {
        Instant since = year.now.minus(time);
        assertThat(stored())
                .allSatisfy(pack -> assertThat(last.get(pack)).as(pack).isAfterOrEqualTo(since));
    }

    @Test
    void eachPackIsReadOnceAWeekAndNoMore() {
        int least = 0;
        for (int day = 0; day < DAYS; day++) {
            int before = rounds;
            day(UNLIMITED);
            assertAllReadWithin(EVERY);
            assertThat(readInRound.values()).allMatch(times -> times == 1);
            least += rounds > before ? stored().size() : 0;
            if (rounds > before) {
                assertThat(readInRound.keySet())
                        .as("also those of removed backups")
                        .isEqualTo(stored());
            }
        }
        assertThat(reads).isEqualTo(least);
        assertThat(rounds).isBetween(DAYS / 7, DAYS / 7 + 1);
        assertThat(year.removed).isPositive();
        assertThat(stored()).as("of removed ones, too").hasSizeGreaterThan(year.backups.size());
        assertThat(year.backups.values())
                .allSatisfy(
                        backup -> assertThat(CompletedBackups.readSince(backup).orElse(backup.begun()))
                                .isAfter(year.now.minus(EVERY)));
    }

    /** Five runs a day, so that a round takes days: it goes on, and reads nothing twice. */
    @Test
    void aRoundThatIsBrokenOffGoesOn() {
        for (int day = 0; day < DAYS; day++) {
            day(5);
            assertAllReadWithin(EVERY.plus(DAY.multipliedBy(6)));
            assertThat(readInRound.values()).allMatch(times -> times == 1);
        }
        assertThat(rounds).isGreaterThan(40);
    }

    /** All clocks, on one day of each month; nothing contradicts them. */
    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "P1D", "P1461D", "PT-1H", "P-1D", "P-1461D"})
    void clocksThatJumpCostAReadingAtMost(Duration jump) {
        for (int day = 0; day < DAYS / 2; day++) {
            if (day % 30 == 17) {
                Instant right = year.now;
                year.now = right.plus(jump);
                year.schedules.forEach(world -> world.now = year.now);
                verify(3);
                year.now = right;
                last.replaceAll((pack, read) -> read.equals(right.plus(jump)) ? right : read);
            }
            day(UNLIMITED);
            assertAllReadWithin(EVERY.plus(DAY));
        }
        assertThat(rounds).isLessThanOrEqualTo(DAYS / 14 + 1 + 2 * (DAYS / 60 + 1));
    }

    /** Of a pack that many need: after a round none of these is said to be whole, and after the next ones each says what it is. */
    @Test
    void damageIsFoundWithinAWeekAndToldAtEachBackupThatNeedsIt() {
        for (int day = 0; day < 100; day++) {
            day(UNLIMITED);
        }
        nightly.spec(spec -> spec.keep(null));
        Map<String, Long> users = new HashMap<>();
        year.backups.keySet().forEach(name -> needed.get(name).forEach(pack -> users.merge(pack, 1L, Long::sum)));
        String pack = users.entrySet().stream()
                .filter(entry -> entry.getValue() >= 4 && entry.getValue() <= year.backups.size() / 2)
                .map(Map.Entry::getKey)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        damaged.add(pack);
        for (int day = 0; day < 8; day++) {
            day(UNLIMITED);
        }
        year.backups.forEach((name, backup) -> {
            if (needed.get(name).contains(pack)) {
                assertThat(verified(backup)).as(name).isNotEqualTo("True");
            }
        });
        for (int day = 0; day < 30; day++) {
            day(UNLIMITED);
        }
        year.backups.forEach((name, backup) -> {
            if (isOlderThanRound(backup)) {
                assertThat(verified(backup)).as(name).isEqualTo(needed.get(name).contains(pack) ? "False" : "True");
            }
        });
        assertThat(year.backups.values().stream().filter(this::isOlderThanRound))
                .hasSizeGreaterThan(30);
    }

    private static String verified(VMBackup backup) {
        return ConditionType.Verified.in(backup.getStatus().conditions())
                .map(condition -> condition.getStatus())
                .orElse("none");
    }

    private boolean isOlderThanRound(VMBackup backup) {
        return round.filter(begin -> backup.begun().isBefore(begin)).isPresent();
    }
}
