package io.trustedlaunch.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AuthorityExpirationsTest {
    private static final Instant EXPIRATION = Instant.parse("2036-01-01T00:00:00Z");

    private long nanoTime;
    private int reads;
    private boolean apiServerAnswers = true;
    private Optional<Instant> nodes = Optional.of(EXPIRATION);
    private final AuthorityExpirations expirations =
            new AuthorityExpirations(Map.of("nodes", this::read, "absent", Optional::empty), () -> nanoTime);

    private Optional<Instant> read() {
        reads++;
        if (!apiServerAnswers) {
            throw new KubernetesClientException("for the test");
        }
        return nodes;
    }

    @Test
    void authoritiesAreReadAtAnInterval() {
        assertThat(expirations.byName()).containsExactly(Map.entry("nodes", EXPIRATION));
        nodes = Optional.empty();
        assertThat(expirations.byName()).isNotEmpty();
        assertThat(reads).isEqualTo(1);

        nanoTime += AuthorityExpirations.INTERVAL.toNanos();
        assertThat(expirations.byName()).isEmpty();
        assertThat(reads).isEqualTo(2);
    }

    @Test
    void anApiServerThatDoesNotAnswerIsNotAskedAtEachScrape() {
        apiServerAnswers = false;
        assertThat(expirations.byName()).isEmpty();
        assertThat(expirations.byName()).isEmpty();
        assertThat(reads).isEqualTo(1);
    }

    @Test
    void whatWasReadStaysWhileTheApiServerDoesNotAnswer() {
        expirations.byName();
        apiServerAnswers = false;
        nanoTime += AuthorityExpirations.INTERVAL.toNanos();

        assertThat(expirations.byName()).containsOnlyKeys("nodes");
    }
}
