package io.trustedlaunch.agent.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.MigrationProgress.MemoryPass;
import io.trustedlaunch.agent.migration.Convergence.Limits;
import io.trustedlaunch.agent.migration.Convergence.Verdict;
import io.trustedlaunch.agent.migration.Convergence.Verdict.AllowPause;
import io.trustedlaunch.agent.migration.Convergence.Verdict.GiveUp;
import io.trustedlaunch.agent.migration.Convergence.Verdict.GoOn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConvergenceTest {
    private static final Limits LIMITS = new Limits(Duration.ofMillis(1000), 3);
    private static final int GIBI = 1024;

    @Test
    void anIdleGuestIsLeftAlone() {
        assertThat(verdicts(LIMITS, GIBI, 100, 20, 5, 2)).containsOnly(new GoOn());
    }

    @Test
    void withoutProgressThePauseGrowsStepByStepAndThenTheMigrationIsGivenUp() {
        List<Verdict> verdicts =
                verdicts(LIMITS, GIBI, IntStream.generate(() -> 64).limit(20).toArray());

        assertThat(verdicts.stream()
                        .filter(verdict -> !(verdict instanceof GoOn))
                        .distinct())
                .hasSize(3)
                .startsWith(new AllowPause(Duration.ofMillis(600)), new AllowPause(Duration.ofMillis(1000)))
                .last()
                .isInstanceOf(GiveUp.class);
        assertThat(verdicts.indexOf(new AllowPause(Duration.ofMillis(600))))
                .as(
                        "the whole memory, the first changes, and three passes without progress; known when the next begins")
                .isEqualTo(5);
        assertThat(verdicts.indexOf(new AllowPause(Duration.ofMillis(1000)))).isEqualTo(8);
        assertThat(verdicts.subList(11, verdicts.size())).allMatch(GiveUp.class::isInstance);
    }

    @Test
    void theMessageOfGivingUpHasTheFigures() {
        Convergence convergence = Convergence.begin(new Limits(Duration.ofMillis(300), 1));
        for (int pass = 1; pass < 5; pass++) {
            convergence = convergence.observed(new MemoryPass(pass, 64L << 20, 80L << 20, 10L << 20, 70));
        }
        assertThat(convergence.verdict()).isInstanceOf(GiveUp.class);
        assertThat(((GiveUp) convergence.verdict()).message())
                .contains(
                        "changes 80 MiB", "10 MiB per second reach", "2 passes", "64 MiB were left", "70 %", "300 ms");
    }

    @Test
    void aPassWithATenthLessIsProgress() {
        int[] shrinking =
                IntStream.iterate(1 << 20, left -> left * 85 / 100).limit(40).toArray();
        int[] creeping =
                IntStream.iterate(1 << 20, left -> left * 99 / 100).limit(40).toArray();

        assertThat(verdicts(LIMITS, shrinking)).containsOnly(new GoOn());
        assertThat(verdicts(LIMITS, creeping)).anyMatch(GiveUp.class::isInstance);
    }

    @Test
    void theShrinkingRestWithinAPassIsNoProgress() {
        Convergence convergence = Convergence.begin(LIMITS);
        List<Verdict> verdicts = new ArrayList<>();
        for (int pass = 1; pass < 20; pass++) {
            for (long left = 64; left > 0; left /= 2) {
                convergence = convergence.observed(new MemoryPass(pass, left << 20, 0, 0, 0));
                verdicts.add(convergence.verdict());
            }
        }
        assertThat(verdicts).anyMatch(GiveUp.class::isInstance);
    }

    @Test
    void oneLongPassIsNoReasonToGiveUp() {
        Convergence convergence = Convergence.begin(LIMITS);
        for (int i = 0; i < 10_000; i++) {
            convergence = convergence.observed(new MemoryPass(2, 1L << 40, 0, 1, 0));
            assertThat(convergence.verdict()).isEqualTo(new GoOn());
        }
    }

    @Test
    void passesBetweenTwoObservationsCountAsOne() {
        assertThat(Convergence.begin(LIMITS)
                        .observed(new MemoryPass(1, 64 << 20, 0, 0, 0))
                        .observed(new MemoryPass(500, 64 << 20, 0, 0, 0))
                        .observed(new MemoryPass(1000, 64 << 20, 0, 0, 0))
                        .vain())
                .isLessThanOrEqualTo(1);
    }

    @Test
    void noPauseIsLongerThanTheLimit() {
        Limits strict = new Limits(Duration.ofMillis(100), 2);
        assertThat(strict.firstPause()).isEqualTo(Duration.ofMillis(100));
        assertThat(verdicts(strict, IntStream.generate(() -> 9).limit(20).toArray()))
                .noneMatch(AllowPause.class::isInstance)
                .anyMatch(GiveUp.class::isInstance);
    }

    @Test
    void everyMigrationEnds() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            int[] left = random.ints(5000, 0, 1 << 20).toArray();
            assertThat(verdicts(LIMITS, left)).as("seed %d", seed).last().isInstanceOf(GiveUp.class);
        }
    }

    /** The verdicts at the beginning of each pass, given the MiB to send in each. */
    private static List<Verdict> verdicts(Limits limits, int first, int... others) {
        List<Verdict> verdicts = new ArrayList<>();
        Convergence convergence = Convergence.begin(limits);
        int pass = 0;
        for (int left :
                IntStream.concat(IntStream.of(first), IntStream.of(others)).toArray()) {
            convergence = convergence.observed(new MemoryPass(++pass, (long) left << 20, 0, 0, 0));
            verdicts.add(convergence.verdict());
        }
        return verdicts;
    }

    private static List<Verdict> verdicts(Limits limits, int[] all) {
        return verdicts(limits, all[0], java.util.Arrays.copyOfRange(all, 1, all.length));
    }
}
