package io.trustedlaunch.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final UUID ONE = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");

    private static final String WRONG = "wrong";
    private static final String HALF = "half";
    private static final String RIGHT = "right";

    private static final String WISH = request(1, 1);

    private static final UnaryOperator<Duration> COSTLY = last -> Duration.ofMinutes(2);
    private static final UnaryOperator<Duration> GROWING =
            last -> Backoff.grown(last, Duration.ofSeconds(5), Duration.ofSeconds(8));

    private final Backoff<String> backoff = new Backoff<>();
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void aCostlyAttemptIsDelayedForMinutesWhileNothingChanges() {
        assertThat(mayTry(1, WRONG)).isTrue();
        backoff.refused(ONE, WISH, COSTLY, now);

        pass(Duration.ofSeconds(119));
        assertThat(mayTry(1, WRONG)).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(mayTry(1, WRONG)).isTrue();
    }

    @Test
    void changedInputsAreTriedOnceTheySettle() {
        mayTry(1, WRONG);
        backoff.refused(ONE, WISH, COSTLY, now);

        pass(Backoff.CHECK_INTERVAL);
        assertThat(mayTry(1, HALF)).isFalse();
        pass(Backoff.CHECK_INTERVAL);
        assertThat(mayTry(1, RIGHT)).isFalse();
        assertThat(mayTry(1, RIGHT)).isFalse();
        pass(Backoff.CHECK_INTERVAL);
        assertThat(mayTry(1, RIGHT)).isTrue();
    }

    @Test
    void inputsChangedDuringAnAttemptAreTriedAgain() {
        mayTry(1, HALF);
        backoff.refused(ONE, WISH, COSTLY, now);

        mayTry(1, RIGHT);
        pass(Backoff.SETTLE_TIME);
        assertThat(mayTry(1, RIGHT)).isTrue();
    }

    @Test
    void aRevertedChangeDoesNotCount() {
        mayTry(1, WRONG);
        backoff.refused(ONE, WISH, COSTLY, now);

        mayTry(1, HALF);
        pass(Backoff.CHECK_INTERVAL);
        assertThat(mayTry(1, WRONG)).isFalse();
    }

    @Test
    void theDelayGrowsAndAnotherRequestEndsIt() {
        mayTry(1, WRONG);
        backoff.refused(ONE, WISH, GROWING, now);
        pass(Duration.ofSeconds(5));
        assertThat(mayTry(1, WRONG)).isTrue();
        backoff.refused(ONE, WISH, GROWING, now);
        pass(Duration.ofSeconds(7));
        assertThat(mayTry(1, WRONG)).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(mayTry(1, WRONG)).isTrue();
        backoff.refused(ONE, WISH, GROWING, now);

        assertThat(mayTry(2, WRONG)).isTrue();
    }

    @Test
    void anotherIncarnationIsNotDelayedByThePreviousOne() {
        mayTry(1, WRONG);
        backoff.refused(ONE, WISH, COSTLY, now);

        assertThat(backoff.remaining(ONE, request(2, 1), now, WRONG)).isEmpty();
    }

    @Test
    void aRefusalWithoutAnAttemptNeitherDelaysNorEndsADelay() {
        mayTry(1, WRONG);
        backoff.refused(ONE, WISH, COSTLY, now);
        assertThat(backoff.refused(ONE, WISH, COSTLY, now)).isLessThan(Duration.ofSeconds(5));

        assertThat(mayTry(1, WRONG)).isFalse();
    }

    private boolean mayTry(long generation, String inputs) {
        return backoff.remaining(ONE, request(1, generation), now, inputs).equals(Optional.empty());
    }

    private static String request(int epoch, long generation) {
        return Backoff.request(new ConfigMapBuilder()
                .withNewMetadata()
                .withName("incarnation-" + epoch)
                .withGeneration(generation)
                .endMetadata()
                .build());
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }
}
