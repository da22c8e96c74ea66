package io.trustedlaunch.operator.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.testkit.JumpingClocksContract;
import io.trustedlaunch.testkit.Nodes;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SealingCertificatesTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private static final String NOT_ENROLLED =
            "it is not enrolled: to let it run VMs, run kubectl tlvm node approve host-a";

    private final SecureRandom random = new SecureRandom();
    private final NodeCertificateAuthority authority =
            NodeCertificateAuthority.create(PublishedAuthority.NODES, random, NOON, Duration.ofDays(365));
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

    @Test
    void nothingIsSealedToANodeThatIsNotEnrolled() {
        Optional<ClusterNodeStatus> enrolled = reporting(certificate(), Nodes.ENROLLED);
        Optional<ClusterNodeStatus> revoked = reporting(certificate(), Nodes.NOT_ENROLLED);

        assertThat(certificates.find("host-a", enrolled).found()).hasValue(certificates.recipient("host-a", enrolled));
        for (Optional<ClusterNodeStatus> other : List.of(revoked, Optional.<ClusterNodeStatus>empty())) {
            assertThat(certificates.find("host-a", other).refusal())
                    .map(Problem::message)
                    .hasValue(NOT_ENROLLED);
            assertThatThrownBy(() -> certificates.recipient("host-a", other))
                    .isInstanceOf(NoRecipientException.class)
                    .hasMessage("nothing can be sealed to node host-a: " + NOT_ENROLLED);
        }
    }

    private static Optional<ClusterNodeStatus> reporting(String certificate, Condition enrolled) {
        return Optional.of(Nodes.status()
                .sealingCertificate(certificate)
                .conditions(List.of(enrolled))
                .build());
    }

    private String certificate() {
        NodeKeyPair pair = NodeKeyPair.generate(random);
        return Certificates.toPem(authority.issue(
                CertificateRequest.parse(pair.certificateRequest(random)),
                new NodeSubject("host-a"),
                CertificatePurpose.SEALING,
                NOON,
                Duration.ofDays(30),
                random));
    }

    private void check(String node) {
        assertThat(certificates
                        .find(node, reporting("no certificate", Nodes.ENROLLED))
                        .refusal())
                .map(Problem::message)
                .get()
                .asString()
                .startsWith("its sealing certificate is not usable: ");
    }

    @Nested
    class AResult extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return Duration.ofMinutes(1);
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            SealingCertificatesTest.this.now.set(since);
            check("host-a");
            SealingCertificatesTest.this.now.set(now);
            check("host-b");
            return certificates.cached().contains("host-a");
        }
    }
}
