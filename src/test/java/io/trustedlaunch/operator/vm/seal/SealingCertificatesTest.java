package io.trustedlaunch.operator.vm.seal;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.PublishedAuthority;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SealingCertificatesTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final NodeCertificateAuthority authority =
            NodeCertificateAuthority.create(PublishedAuthority.NODES, new SecureRandom(), NOON, Duration.ofDays(365));
    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final SealingCertificates certificates = new SealingCertificates(authority::verifier, now::get);

    @Test
    void theResultOfANodeThatIsGoneIsForgotten() {
        check("host-a");
        now.set(NOON.plusSeconds(59));
        check("host-b");
        assertThat(certificates.cached()).containsExactlyInAnyOrder("host-a", "host-b");

        now.set(NOON.plusSeconds(60));
        check("host-b");
        check("host-c");
        assertThat(certificates.cached()).containsExactlyInAnyOrder("host-b", "host-c");
    }

    private void check(String node) {
        assertThat(certificates.fault(node, Optional.of("no certificate"))).isPresent();
    }
}
