package io.trustedlaunch.operator.backupschedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupResult.Type;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupScheduleSpec.Keep;
import io.trustedlaunch.api.backup.VMBackupScheduleStatus.Kept;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlayedYearTest {
    private static final int DAYS = 365;
    private static final String NAS = "nas";
    private static final String BUCKET = "bucket";

    private final PlayedYear year = new PlayedYear();

    private ScheduleWorld schedule(String name, String times, Keep keep) {
        return schedule(name, NAS, times, keep);
    }

    private ScheduleWorld schedule(String name, String location, String times, Keep keep) {
        return year.schedule(
                name, location, spec -> spec.schedule(times).startWithin("12h").keep(keep));
    }

    private List<String> byHand() {
        return year.backups.keySet().stream()
                .filter(name -> name.startsWith("by-hand"))
                .toList();
    }

    @Test
    void twoSchedulesAndAUserInOneLocationEndWithWhatIsKept() {
        ScheduleWorld nightly = schedule("nightly", "0 2 * * *", new Keep(7, 0, 0, 0, 0));
        ScheduleWorld weekly = schedule("weekly", "0 3 * * 0", new Keep(4, 0, 0, 0, 0));
        for (int day = 0; day < DAYS; day++) {
            year.day();
            if (day % 10 == 3) {
                year.byHand("by-hand-" + day, NAS);
            }
        }
        assertThat(year.made).isGreaterThan(DAYS);
        assertThat(year.of(nightly)).hasSize(7);
        assertThat(year.of(weekly)).hasSize(4);
        assertThat(byHand()).hasSize(37);
        // All build on each other's: after the first, no backup has read everything.
        assertThat(year.backups.values())
                .noneMatch(backup -> backup.getStatus().result().type() == Type.Full);
        nightly.pass();
        Kept kept = nightly.status().kept();
        assertThat(kept.last()).isEqualTo(7);
        assertThat(kept.total()).isEqualTo(7);
    }

    /** Each counts its own backups in its own location: those of others neither stay for it, nor go by it. */
    @Test
    void schedulesOfTwoLocationsAndAUserInBothEndWithWhatIsKept() {
        ScheduleWorld nightly = schedule("nightly", NAS, "0 2 * * *", new Keep(7, 0, 4, 12, 0));
        ScheduleWorld weekly = schedule("weekly", NAS, "0 3 * * 0", new Keep(4, 0, 0, 0, 0));
        ScheduleWorld away = schedule("away", BUCKET, "0 4 * * *", new Keep(3, 7, 0, 0, 0));
        ScheduleWorld monthly = schedule("monthly", BUCKET, "0 5 1 * *", new Keep(2, 0, 0, 6, 0));
        for (int day = 0; day < DAYS; day++) {
            year.day();
            if (day % 10 == 3) {
                year.byHand("by-hand-" + day, day % 20 == 3 ? NAS : BUCKET);
            }
        }
        Map<ScheduleWorld, Keep> all = Map.of(
                nightly, nightly.spec().keep(),
                weekly, weekly.spec().keep(),
                away, away.spec().keep(),
                monthly, monthly.spec().keep());
        all.forEach((schedule, keep) -> {
            schedule.pass();
            Kept kept = schedule.status().kept();
            String name = schedule.schedule.getMetadata().getName();
            assertThat(kept.last()).as(name).isEqualTo(keep.last());
            assertThat(kept.daily()).as(name).isEqualTo(keep.daily());
            assertThat(kept.weekly()).as(name).isEqualTo(keep.weekly());
            assertThat(kept.monthly()).as(name).isEqualTo(keep.monthly());
            assertThat(kept.total()).as(name).isEqualTo(year.of(schedule).size());
        });
        assertThat(year.of(weekly)).hasSize(4);
        assertThat(year.of(away)).as("the last 3 are of the last 7 days").hasSize(7);
        assertThat(year.of(monthly)).as("the last 2 are of the last 6 months").hasSize(6);
        assertThat(byHand()).hasSize(37);
        assertThat(year.backups)
                .as("nothing is there that no schedule keeps and no user made")
                .hasSize(all.keySet().stream()
                                .mapToInt(schedule -> year.of(schedule).size())
                                .sum()
                        + 37);
    }

    @Test
    void oneScheduleKeepsDaysWeeksMonthsAndYearsAndWhatIsProtected() {
        ScheduleWorld nightly = schedule("nightly", "0 2 * * *", new Keep(1, 7, 4, 12, 3));
        for (int day = 0; day < 2 * DAYS; day++) {
            year.day();
            if (day == 40) {
                VMBackup held = year.of(nightly).getFirst();
                held.getMetadata()
                        .setAnnotations(Map.of(
                                Api.PROTECTED_BACKUP,
                                "true",
                                Api.SCHEDULED_AT,
                                held.getMetadata().getAnnotations().get(Api.SCHEDULED_AT)));
            }
        }
        nightly.pass();
        Kept kept = nightly.status().kept();
        assertThat(kept.last()).isEqualTo(1);
        assertThat(kept.daily()).isEqualTo(7);
        assertThat(kept.weekly()).isEqualTo(4);
        assertThat(kept.monthly()).isEqualTo(12);
        assertThat(kept.yearly()).as("the last day is in the third").isEqualTo(3);
        assertThat(kept.held()).isEqualTo(1);
        assertThat(year.of(nightly)).hasSize(kept.total());
        assertThat(kept.total()).isLessThanOrEqualTo(1 + 7 + 4 + 12 + 3 + 1);
    }

    /** Nothing younger goes, and what is older goes by itself. */
    @Test
    void whatTheLocationKeepsForAMinimumTimeStaysThatLongAndNoLonger() {
        ScheduleWorld nightly = schedule("nightly", "0 2 * * *", new Keep(1, 0, 0, 0, 0));
        BackupLocation location = nightly.location.orElseThrow();
        location.setSpec(BackupLocationSpecBuilder.builder(location.getSpec())
                .minimumRetention("720h")
                .build());
        for (int day = 1; day <= 120; day++) {
            year.day();
            assertThat(year.of(nightly)).as("day " + day).hasSize(Math.min(day, 30));
        }
        nightly.pass();
        Kept kept = nightly.status().kept();
        assertThat(kept.last()).isEqualTo(1);
        assertThat(kept.minimumRetention()).as("beside the last one").isEqualTo(29);
        assertThat(kept.total()).isEqualTo(30).isEqualTo(year.of(nightly).size());
    }
}
