package io.trustedlaunch.agent.guestinfo;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.GuestInfo.Agent;
import io.trustedlaunch.api.vm.GuestInfo.FileSystem;
import io.trustedlaunch.api.vm.GuestInfo.OperatingSystem;
import io.trustedlaunch.api.vm.GuestInfoBuilder;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class GuestInfoReportTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final long GIB = 1L << 30;

    private Optional<GuestInfo> reported = Optional.empty();
    private int reports;

    private GuestInfo pass(GuestInfo said, Instant now) {
        Optional<GuestInfo> next = GuestInfoReport.next(reported, Optional.ofNullable(said), now);
        reports += next.equals(reported) ? 0 : 1;
        reported = next;
        return next.orElse(null);
    }

    private static GuestInfo said(String hostName, int used) {
        return said(hostName, new FileSystem("/", "ext4", 20 * GIB, used));
    }

    private static GuestInfo said(String hostName, FileSystem... fileSystems) {
        return GuestInfoBuilder.builder()
                .agent(new Agent(true, "7.2.0"))
                .os(new OperatingSystem("debian", "Debian GNU/Linux 12 (bookworm)", "12", "6.1.0-18-amd64"))
                .hostName(hostName)
                .fileSystems(List.of(fileSystems))
                .build();
    }

    private static Instant after(Duration time) {
        return NOON.plus(time);
    }

    @Test
    void theFirstAnswerIsReportedAtOnceInStepsOfFivePercent() {
        GuestInfo report = pass(said("payroll", 43), NOON);

        assertThat(report.reportTime()).isEqualTo(NOON.toString());
        assertThat(report.hostName()).isEqualTo("payroll");
        assertThat(report.fileSystems()).containsExactly(new FileSystem("/", "ext4", 20 * GIB, 40));
    }

    @Test
    void aGuestWithoutAnAgentIsNotReported() {
        assertThat(pass(null, NOON)).isNull();
        assertThat(pass(GuestInfoBuilder.builder().agent(new Agent(false, null)).build(), NOON))
                .isNull();
    }

    @Test
    void anAnswerThatSaysTheSameIsNotReportedHoweverLate() {
        pass(said("payroll", 43), NOON);
        pass(said("payroll", 43), after(Duration.ofDays(30)));
        pass(null, after(Duration.ofDays(31)));

        assertThat(reports).isEqualTo(1);
    }

    @Test
    void aUseBetweenTwoStepsDoesNotChangeTheReportAgainAndAgain() {
        pass(said("payroll", 45), NOON);
        for (int day = 1; day < 10; day++) {
            pass(said("payroll", day % 2 == 0 ? 45 : 41), after(Duration.ofDays(day)));
            pass(said("payroll", 49), after(Duration.ofDays(day).plusHours(12)));
        }
        assertThat(reports).isEqualTo(1);

        assertThat(pass(said("payroll", 40), after(Duration.ofDays(11)))
                        .fileSystems()
                        .getFirst()
                        .usedPercent())
                .isEqualTo(40);
    }

    /** That of btrfs changes with each write. */
    @Test
    void aSizeThatIsAnEstimateIsReportedOnce() {
        pass(said("payroll", new FileSystem("/", "btrfs", 100 * GIB, 50)), NOON);
        pass(said("payroll", new FileSystem("/", "btrfs", 99 * GIB, 51)), after(Duration.ofDays(1)));
        assertThat(reports).isEqualTo(1);

        pass(said("payroll", new FileSystem("/", "btrfs", 120 * GIB, 43)), after(Duration.ofDays(2)));
        assertThat(reported.orElseThrow().fileSystems()).containsExactly(new FileSystem("/", "btrfs", 120 * GIB, 40));
    }

    @Test
    void fileSystemsThatChangeAreReportedOnceInAnHour() {
        pass(said("payroll", 40), NOON);
        assertThat(pass(said("payroll", 95), after(Duration.ofMinutes(59)))
                        .fileSystems()
                        .getFirst()
                        .usedPercent())
                .isEqualTo(40);

        assertThat(pass(said("payroll", 95), after(Duration.ofHours(1)))
                        .fileSystems()
                        .getFirst()
                        .usedPercent())
                .isEqualTo(95);
    }

    @Test
    void fileSystemsThatTheFirstAnswerLackedFollowSooner() {
        pass(said("payroll"), NOON);

        assertThat(pass(said("payroll", 40), after(Duration.ofMinutes(10))).fileSystems())
                .hasSize(1);
    }

    @Test
    void aGuestThatSaysSomethingElseEachTimeIsReportedOnceInTenMinutes() {
        Random random = new Random(1);
        for (int second = 0; second < Duration.ofHours(2).toSeconds(); second += 5) {
            pass(said("host-" + random.nextInt(), random.nextInt(100)), after(Duration.ofSeconds(second)));
        }

        assertThat(reports).isEqualTo(12);
    }

    @Test
    void whatTheGuestDoesNotAnswerAnyMoreStays() {
        pass(said("payroll", 40), NOON);

        pass(GuestInfoBuilder.builder().agent(new Agent(false, null)).build(), after(Duration.ofMinutes(10)));

        assertThat(reported.orElseThrow())
                .returns(new Agent(false, "7.2.0"), GuestInfo::agent)
                .returns("payroll", GuestInfo::hostName)
                .returns(1, info -> info.fileSystems().size());
    }

    @Test
    void aTimeThatIsNoneHoldsNothingBack() {
        reported = Optional.of(said("payroll", 40).reportedAt("yesterday"));

        assertThat(pass(said("other", 40), NOON).hostName()).isEqualTo("other");
    }

    @Nested
    class AReport extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return GuestInfoReport.PAUSE;
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            reported = Optional.empty();
            pass(said("payroll", 40), since);
            return pass(said("other", 40), now).hostName().equals("payroll");
        }
    }
}
