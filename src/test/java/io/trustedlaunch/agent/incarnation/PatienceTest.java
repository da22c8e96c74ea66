package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final StartGlance WRONG = glance("wrong");
    private static final StartGlance HALF = glance("half");
    private static final StartGlance RIGHT = glance("right");

    private static final String WISH = wish(1, 1);

    private final Patience patience = new Patience();
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void whatIsCostlyRestsForMinutesWhileNothingChanges() {
        assertThat(mayTry(1, WRONG)).isTrue();
        patience.refused(Lives.VM, WISH, Reason.DigestMismatch, now);

        pass(Duration.ofSeconds(119));
        assertThat(mayTry(1, WRONG)).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(mayTry(1, WRONG)).isTrue();
    }

    @Test
    void whatChangedIsTriedOnceItStandsStill() {
        mayTry(1, WRONG);
        patience.refused(Lives.VM, WISH, Reason.DigestMismatch, now);

        pass(Patience.BETWEEN_GLANCES);
        assertThat(mayTry(1, HALF)).isFalse();
        pass(Patience.BETWEEN_GLANCES);
        assertThat(mayTry(1, RIGHT)).isFalse();
        assertThat(mayTry(1, RIGHT)).isFalse();
        pass(Patience.BETWEEN_GLANCES);
        assertThat(mayTry(1, RIGHT)).isTrue();
    }

    @Test
    void whatChangedWhileItWasTriedIsTriedAgain() {
        mayTry(1, HALF);
        patience.refused(Lives.VM, WISH, Reason.DigestMismatch, now);

        mayTry(1, RIGHT);
        pass(Patience.STANDS_STILL);
        assertThat(mayTry(1, RIGHT)).isTrue();
    }

    @Test
    void aChangeThatIsTakenBackIsNone() {
        mayTry(1, WRONG);
        patience.refused(Lives.VM, WISH, Reason.DigestMismatch, now);

        mayTry(1, HALF);
        pass(Patience.BETWEEN_GLANCES);
        assertThat(mayTry(1, WRONG)).isFalse();
    }

    @Test
    void theRestGrowsAndAnotherWishEndsIt() {
        mayTry(1, WRONG);
        patience.refused(Lives.VM, WISH, Reason.StartFailed, now);
        pass(Duration.ofSeconds(5));
        assertThat(mayTry(1, WRONG)).isTrue();
        patience.refused(Lives.VM, WISH, Reason.StartFailed, now);
        pass(Duration.ofSeconds(5));
        assertThat(mayTry(1, WRONG)).isFalse();

        assertThat(mayTry(2, WRONG)).isTrue();
    }

    @Test
    void anotherLifeHasNoRestOfTheOneBefore() {
        mayTry(1, WRONG);
        patience.refused(Lives.VM, WISH, Reason.DigestMismatch, now);

        assertThat(patience.remaining(Lives.VM, wish(2, 1), now, WRONG)).isEmpty();
    }

    @Test
    void whatWasRefusedWithoutATryIsLookedAtSoonAndEndsNoRest() {
        mayTry(1, WRONG);
        patience.refused(Lives.VM, WISH, Reason.DigestMismatch, now);
        assertThat(patience.refused(Lives.VM, WISH, Reason.HypervisorUnavailable, now))
                .isLessThan(Duration.ofSeconds(5));

        assertThat(mayTry(1, WRONG)).isFalse();
    }

    private boolean mayTry(long generation, StartGlance glance) {
        return patience.remaining(Lives.VM, wish(1, generation), now, glance).equals(Optional.empty());
    }

    private static String wish(long epoch, long generation) {
        VMIncarnation life = Lives.life(epoch, DesiredState.Running);
        life.getMetadata().setGeneration(generation);
        return Patience.wish(life);
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private static StartGlance glance(String image) {
        return new StartGlance(image, List.of(), "");
    }
}
