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

    private static final String WISH = wish(1, 1);

    private static final UnaryOperator<Duration> COSTLY = last -> Duration.ofMinutes(2);
    private static final UnaryOperator<Duration> GROWING =
            last -> Backoff.grown(last, Duration.ofSeconds(5), Duration.ofSeconds(8));

    private final Backoff<String> patience = new Backoff<>();
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void whatIsCostlyRestsForMinutesWhileNothingChanges() {
        assertThat(mayTry(1, WRONG)).isTrue();
        patience.refused(ONE, WISH, COSTLY, now);

        pass(Duration.ofSeconds(119));
        assertThat(mayTry(1, WRONG)).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(mayTry(1, WRONG)).isTrue();
    }

    @Test
    void whatChangedIsTriedOnceItStandsStill() {
        mayTry(1, WRONG);
        patience.refused(ONE, WISH, COSTLY, now);

        pass(Backoff.CHECK_INTERVAL);
        assertThat(mayTry(1, HALF)).isFalse();
        pass(Backoff.CHECK_INTERVAL);
        assertThat(mayTry(1, RIGHT)).isFalse();
        assertThat(mayTry(1, RIGHT)).isFalse();
        pass(Backoff.CHECK_INTERVAL);
        assertThat(mayTry(1, RIGHT)).isTrue();
    }

    @Test
    void whatChangedWhileItWasTriedIsTriedAgain() {
        mayTry(1, HALF);
        patience.refused(ONE, WISH, COSTLY, now);

        mayTry(1, RIGHT);
        pass(Backoff.SETTLE_TIME);
        assertThat(mayTry(1, RIGHT)).isTrue();
    }

    @Test
    void aChangeThatIsTakenBackIsNone() {
        mayTry(1, WRONG);
        patience.refused(ONE, WISH, COSTLY, now);

        mayTry(1, HALF);
        pass(Backoff.CHECK_INTERVAL);
        assertThat(mayTry(1, WRONG)).isFalse();
    }

    @Test
    void theRestGrowsAndAnotherWishEndsIt() {
        mayTry(1, WRONG);
        patience.refused(ONE, WISH, GROWING, now);
        pass(Duration.ofSeconds(5));
        assertThat(mayTry(1, WRONG)).isTrue();
        patience.refused(ONE, WISH, GROWING, now);
        pass(Duration.ofSeconds(7));
        assertThat(mayTry(1, WRONG)).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(mayTry(1, WRONG)).isTrue();
        patience.refused(ONE, WISH, GROWING, now);

        assertThat(mayTry(2, WRONG)).isTrue();
    }

    @Test
    void anotherIncarnationHasNoRestOfTheOneBefore() {
        mayTry(1, WRONG);
        patience.refused(ONE, WISH, COSTLY, now);

        assertThat(patience.remaining(ONE, wish(2, 1), now, WRONG)).isEmpty();
    }

    @Test
    void whatWasRefusedWithoutATryIsLookedAtSoonAndEndsNoRest() {
        mayTry(1, WRONG);
        patience.refused(ONE, WISH, COSTLY, now);
        assertThat(patience.refused(ONE, WISH, COSTLY, now)).isLessThan(Duration.ofSeconds(5));

        assertThat(mayTry(1, WRONG)).isFalse();
    }

    private boolean mayTry(long generation, String glance) {
        return patience.remaining(ONE, wish(1, generation), now, glance).equals(Optional.empty());
    }

    private static String wish(int epoch, long generation) {
        return Backoff.request(new ConfigMapBuilder()
                .withNewMetadata()
                .withName("life-" + epoch)
                .withGeneration(generation)
                .endMetadata()
                .build());
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }
}
