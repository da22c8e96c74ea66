package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordedTimeTest extends JumpingClocksContract {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    /** An instant that lies ahead has a negative age. */
    @ParameterizedTest
    @CsvSource({
        "PT1H, PT0S, PT1H",
        "PT1H, PT59M59S, PT1S",
        "PT1H, PT1H, PT0S",
        "PT1H, P1461D, PT0S",
        "PT1H, PT-5M, PT1H",
        "PT1H, PT-5M-1S, PT0S",
        "PT1H, P-1461D, PT0S",
        "PT10S, PT-10S, PT10S",
        "PT10S, PT-11S, PT0S",
        "PT0S, PT0S, PT0S",
    })
    void ofAPauseNeverMoreThanItselfIsLeft(Duration pause, Duration age, Duration left) {
        assertThat(RecordedTime.left(pause, NOON.minus(age), NOON)).isEqualTo(left);
        assertThat(RecordedTime.isOver(pause, NOON.minus(age), NOON)).isEqualTo(left.isZero());
    }

    @Override
    protected Duration pause() {
        return Duration.ofMinutes(10);
    }

    @Override
    protected boolean waits(Instant since, Instant now) {
        return !RecordedTime.isOver(pause(), since, now);
    }
}
