package io.trustedlaunch.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.node.NodeFacts.Finding;
import io.trustedlaunch.agent.tpm.Libtpms;
import io.trustedlaunch.agent.tpm.SwtpmFacts;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class CachedPreflightTest {
    private static final SwtpmFacts FACTS = new SwtpmFacts("0.7.1", new Libtpms(Optional.empty()));

    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private Optional<String> missing = Optional.empty();
    private int runs;
    private final CachedPreflight preflight = new CachedPreflight(this::run, () -> now);

    @Test
    void whatIsInstalledLaterIsFoundWithinAMinute() {
        missing = Optional.of("this node lacks swtpm; install swtpm on it");
        assertThat(preflight.result()).isEqualTo(new Finding.Failed<>("this node lacks swtpm; install swtpm on it"));

        missing = Optional.empty();
        now = now.plus(Duration.ofMinutes(1));

        assertThat(preflight.result()).isEqualTo(new Finding.Found<>(FACTS));
    }

    @Test
    void aHostThatHasPassedIsTestedAgainAfterAnHour() {
        preflight.result();
        now = now.plus(Duration.ofMinutes(59));
        preflight.result();
        assertThat(runs).isEqualTo(1);

        now = now.plus(Duration.ofMinutes(1));
        preflight.result();

        assertThat(runs).isEqualTo(2);
    }

    @Test
    void theSameFailureHasTheSameMessage() {
        missing = Optional.of("cannot make /run/trusted-launch/tpm/preflight-" + UUID.randomUUID());

        assertThat(preflight.result())
                .isEqualTo(new Finding.Failed<>("cannot make /run/trusted-launch/tpm/preflight-…"));
    }

    private SwtpmFacts run() {
        runs++;
        missing.ifPresent(message -> {
            throw new RefusedException(Reason.PreflightFailed, message);
        });
        return FACTS;
    }

    @Nested
    class TheNextTest extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return Duration.ofHours(1);
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            CachedPreflightTest.this.now = since;
            preflight.result();
            int before = runs;
            CachedPreflightTest.this.now = now;
            preflight.result();
            return runs == before;
        }
    }
}
