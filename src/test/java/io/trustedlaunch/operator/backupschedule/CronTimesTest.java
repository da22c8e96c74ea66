package io.trustedlaunch.operator.backupschedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronTimesTest {
    private static final String BERLIN = "Europe/Berlin";

    @ParameterizedTest(name = "{0} in {1} after {2}")
    @CsvSource(delimiter = '|', textBlock = """
            0 2 * * *     | Etc/UTC       | 2026-01-01T01:59:59Z | 2026-01-01T02:00:00Z
            0 2 * * *     | Etc/UTC       | 2026-01-01T02:00:00Z | 2026-01-02T02:00:00Z
            0 2 * * *     | Europe/Berlin | 2026-01-01T00:00:00Z | 2026-01-01T01:00:00Z
            0 2 * * *     | Europe/Berlin | 2026-07-01T00:30:00Z | 2026-07-02T00:00:00Z
            30 1 * * 1-5  | Etc/UTC       | 2026-01-02T02:00:00Z | 2026-01-05T01:30:00Z
            0 0 13 * FRI  | Etc/UTC       | 2026-03-01T00:00:00Z | 2026-03-06T00:00:00Z
            0 0 29 2 *    | Etc/UTC       | 2026-03-01T00:00:00Z | 2028-02-29T00:00:00Z
            0 0 * * 7     | Etc/UTC       | 2026-01-01T00:00:00Z | 2026-01-04T00:00:00Z
            """)
    void theNextTimeIsLaterThanTheGivenOne(String schedule, String zone, String after, String expected) {
        assertThat(CronTimes.of(schedule, zone).after(Instant.parse(after))).contains(Instant.parse(expected));
    }

    /** 02:00 CET is 03:00 CEST, at 01:00 UTC. */
    @Test
    void aTimeThatClocksLeaveOutIsDueWhenTheyArePutForward() {
        CronTimes times = CronTimes.of("30 2 * * *", BERLIN);
        Instant before = Instant.parse("2026-03-28T12:00:00Z");
        assertThat(times.after(before)).contains(Instant.parse("2026-03-29T01:00:00Z"));
        assertThat(times.after(Instant.parse("2026-03-29T01:00:00Z"))).contains(Instant.parse("2026-03-30T00:30:00Z"));
        assertThat(times.until(Instant.parse("2026-03-29T00:59:59Z"))).contains(Instant.parse("2026-03-28T01:30:00Z"));
        assertThat(times.until(Instant.parse("2026-03-29T08:00:00Z"))).contains(Instant.parse("2026-03-29T01:00:00Z"));
    }

    /** 03:00 CEST is 02:00 CET, at 01:00 UTC. */
    @Test
    void aTimeThatComesTwiceIsDueOnce() {
        CronTimes times = CronTimes.of("30 2 * * *", BERLIN);
        Instant first = Instant.parse("2026-10-25T00:30:00Z");
        assertThat(times.after(Instant.parse("2026-10-24T12:00:00Z"))).contains(first);
        assertThat(times.after(first)).contains(Instant.parse("2026-10-26T01:30:00Z"));
        assertThat(times.until(Instant.parse("2026-10-25T01:10:00Z"))).contains(first);
        assertThat(times.until(Instant.parse("2026-10-25T02:10:00Z"))).contains(first);
    }

    /** Both directions name the same times, none twice, across clock changes of either kind. */
    @ParameterizedTest
    @ValueSource(strings = {"30 2 * * *", "*/20 * * * *", "0 3 * * *", "0 */2 * * *", "15 2,3 * * SUN"})
    void theTimesAreTheSameForwardsAndBackwards(String schedule) {
        for (String zone : List.of(BERLIN, "Australia/Lord_Howe", "America/New_York", "Asia/Kolkata")) {
            CronTimes times = CronTimes.of(schedule, zone);
            for (String from : List.of(
                    "2026-03-07T20:00:00Z",
                    "2026-03-28T20:00:00Z",
                    "2026-04-04T00:00:00Z",
                    "2026-10-03T00:00:00Z",
                    "2026-10-24T20:00:00Z",
                    "2026-10-31T20:00:00Z")) {
                Instant start = Instant.parse(from);
                List<Instant> forwards = new ArrayList<>();
                for (Optional<Instant> at = times.after(start);
                        at.orElseThrow().isBefore(start.plus(Duration.ofDays(2)));
                        at = times.after(at.get())) {
                    forwards.add(at.get());
                }
                assertThat(forwards).doesNotHaveDuplicates().isSorted();
                for (int index = 1; index < forwards.size(); index++) {
                    Instant earlier = forwards.get(index - 1);
                    assertThat(times.until(forwards.get(index).minusSeconds(1)))
                            .as("%s in %s before %s", schedule, zone, forwards.get(index))
                            .contains(earlier);
                    assertThat(times.until(earlier)).contains(earlier);
                }
                Random random = new Random(7);
                for (int draw = 0; draw < 50; draw++) {
                    Instant at = start.plusSeconds(random.nextInt(2 * 86_400));
                    Optional<Instant> until = times.until(at);
                    assertThat(until.orElseThrow()).isBeforeOrEqualTo(at);
                    assertThat(times.after(until.get()).orElseThrow())
                            .as("%s %s", zone, at)
                            .isAfter(at);
                }
            }
        }
    }

    @Test
    void aScheduleOfADayThatNoMonthHasHasNoTime() {
        CronTimes never = CronTimes.of("0 0 30 2 *", "Etc/UTC");
        assertThat(never.after(Instant.parse("2026-01-01T00:00:00Z"))).isEmpty();
        assertThat(never.until(Instant.parse("2026-01-01T00:00:00Z"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"60 2 * * *", "0 2 * *", "@daily", "0 2 0 * *", "0 2 * * FUNDAY", "*/0 * * * *", "* * * * * *"})
    void whatIsNoScheduleIsRefusedByName(String schedule) {
        assertThatThrownBy(() -> CronTimes.of(schedule, "Etc/UTC"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("schedule \"" + schedule + "\" is not one that cron takes: ");
    }

    @Test
    void whatIsNoTimeZoneIsRefusedByName() {
        assertThat(ZoneId.getAvailableZoneIds()).contains(BERLIN);
        assertThatThrownBy(() -> CronTimes.of("0 2 * * *", "Europe/Atlantis"))
                .hasMessage("timeZone Europe/Atlantis is not known; use a name such as Europe/Berlin or Etc/UTC");
    }
}
