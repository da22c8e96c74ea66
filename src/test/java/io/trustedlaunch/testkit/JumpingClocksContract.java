package io.trustedlaunch.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever waits since an instant on record, under clocks that jump. */
public abstract class JumpingClocksContract {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    protected abstract Duration pause();

    /** Whether nothing is done at a time about what was recorded at another. */
    protected abstract boolean waits(Instant since, Instant now);

    @Test
    void aRecordIsWaitedForDuringItsPause() {
        assertThat(waits(NOON, NOON.plus(pause().dividedBy(2)))).isTrue();
        assertThat(waits(NOON.minus(pause()).minusSeconds(1), NOON)).isFalse();
    }

    @Test
    void aClockThatIsAheadByAMomentIsRight() {
        assertThat(waits(NOON.plusSeconds(1), NOON)).isTrue();
    }

    /** Either it was recorded while the clock was ahead, or the clock is behind now. */
    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "P1D", "P1461D"})
    void nothingWaitsForAnInstantOfTheFuture(Duration jump) {
        assertThat(waits(NOON.plus(jump), NOON)).isFalse();
    }

    /** At worst, what would follow later follows now. */
    @ParameterizedTest
    @ValueSource(strings = {"P1D", "P1461D"})
    void nothingWaitsForLongerAfterAJumpForward(Duration jump) {
        assertThat(waits(NOON, NOON.plus(jump).plus(pause()))).isFalse();
    }
}
