package io.trustedlaunch.operator.fencing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LeaseHistoryTest {
    private static final Optional<String> BOOT = Optional.of("b1");

    private static final Optional<Instant> RENEWED = Optional.of(Instant.parse("2026-03-01T12:00:00Z"));

    private long now = Long.MAX_VALUE - 5;
    private final LeaseHistory leases = new LeaseHistory(() -> now);

    @Test
    void anAbsentLeaseIsSilentSinceThisProcessLooks() {
        pass(Duration.ofSeconds(30));
        assertThat(leases.silence("a")).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void aLeaseThatWasOnlyFoundIsSilentSinceThenAndSaysNothing() {
        pass(Duration.ofMinutes(1));
        leases.seen("a", "1", BOOT, RENEWED);
        pass(Duration.ofSeconds(10));
        leases.seen("a", "1", BOOT, RENEWED);
        assertThat(leases.silence("a")).isEqualTo(Duration.ofSeconds(10));
        assertThat(leases.wasRenewedAfter("a", now - 1)).isFalse();
        assertThat(leases.wasRenewedAfter("a", now - Duration.ofHours(1).toNanos()))
                .isFalse();
        assertThat(leases.boot("a")).isEqualTo(BOOT);
    }

    @Test
    void aLeaseThatChangesWasRenewed() {
        leases.seen("a", "1", BOOT, RENEWED);
        long asked = now;
        pass(Duration.ofSeconds(10));
        leases.seen("a", "2", Optional.of("b2"), RENEWED);
        assertThat(leases.wasRenewedAfter("a", asked)).isTrue();
        assertThat(leases.wasRenewedAfter("a", now)).isFalse();
        assertThat(leases.silence("a")).isZero();
        assertThat(leases.boot("a")).contains("b2");
    }

    /** Whoever deletes a Lease can neither make its node silent for long nor speak for it. */
    @Test
    void aDeletionIsTheBeginOfSilenceAndNoRenewal() {
        leases.seen("a", "1", BOOT, RENEWED);
        long asked = now;
        pass(Duration.ofHours(1));
        leases.deleted("a");
        pass(Duration.ofSeconds(5));
        assertThat(leases.silence("a")).isEqualTo(Duration.ofSeconds(5));
        assertThat(leases.wasRenewedAfter("a", asked)).isFalse();
        assertThat(leases.boot("a")).isEqualTo(BOOT);
        assertThat(leases.renewed("a")).isEqualTo(RENEWED);
    }

    /** Of what was renewed meanwhile, the process learns later, one after the other. */
    @Test
    void silenceCountsFromTheLastStallOfTheWatchOrOfTheProcess() {
        for (int event = 0; event < 4; event++) {
            pass(Duration.ofSeconds(10));
            leases.answered();
        }
        assertThat(leases.watched()).isEqualTo(Duration.ofSeconds(40));

        pass(Duration.ofSeconds(16));
        assertThat(leases.watched()).isZero();
        leases.answered();
        assertThat(leases.watched()).isZero();
        pass(Duration.ofSeconds(5));
        assertThat(leases.watched()).isEqualTo(Duration.ofSeconds(5));
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }
}
