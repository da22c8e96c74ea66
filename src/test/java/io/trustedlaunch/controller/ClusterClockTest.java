package io.trustedlaunch.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterClockTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private Instant own = NOON;
    private Optional<Instant> server = Optional.of(NOON);
    private final ClusterClock clock = new ClusterClock(() -> own, () -> server);

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "P1D", "P1461D"})
    void whatOneClockAloneSaysHasNotPassed(Duration jump) {
        own = NOON.plus(jump);
        assertThat(clock.instant()).isEqualTo(NOON);
        assertThat(clock.time().isAgreed()).as("nothing is removed").isFalse();
        own = NOON;
        server = Optional.of(NOON.plus(jump));
        assertThat(clock.instant()).isEqualTo(NOON);
    }

    /** A report of a node is not of the future as long as one of them says so. */
    @ParameterizedTest
    @ValueSource(strings = {"PT-1H", "P1D", "P1461D"})
    void theOtherOneIsTheLatest(Duration jump) {
        server = Optional.of(NOON.plus(jump));
        assertThat(clock.time().latest()).isEqualTo(jump.isNegative() ? NOON : NOON.plus(jump));
        server = Optional.empty();
        assertThat(clock.time().latest()).isEqualTo(NOON);
    }

    @Test
    void whereTheyAgreeOrThereIsNoSecondTheProcessesOwnCounts() {
        own = NOON.plusSeconds(20);
        assertThat(clock.instant()).isEqualTo(own);
        server = Optional.empty();
        assertThat(clock.instant()).isEqualTo(own);
    }
}
