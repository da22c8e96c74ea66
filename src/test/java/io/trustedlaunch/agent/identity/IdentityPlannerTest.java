package io.trustedlaunch.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class IdentityPlannerTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant LONG_AGO = NOW.minus(Duration.ofHours(1));
    private static final Duration A_MOMENT = Duration.ofSeconds(1);

    private final TestAuthority authority = new TestAuthority(NOW);
    private final NodeKeyPair pair = NodeKeyPair.generate(new SecureRandom());
    private final X509Certificate certificate = authority.issue(pair, "host-a", CertificatePurpose.SEALING, NOW);

    private StoredIdentity stored = new StoredIdentity.KeyOnly(pair);
    private boolean synced = true;
    private Optional<NodeCertificateVerifier> published = Optional.of(authority.verifier());
    private Optional<ObservedRequest> newest = Optional.empty();

    @Test
    void aMissingKeyIsMade() {
        stored = new StoredIdentity.NoKey();

        assertThat(planAt(NOW)).isInstanceOf(IdentityStep.MakeKey.class);
    }

    @Test
    void anUnusableKeyIsNotReplaced() {
        stored = new StoredIdentity.Unusable("sealing.key has mode rw-r--r--");

        assertThat(planAt(NOW)).isEqualTo(new IdentityStep.Blocked("sealing.key has mode rw-r--r--"));
    }

    @Test
    void aKeyWithoutCertificateIsCertified() {
        assertThat(planAt(NOW)).isInstanceOf(IdentityStep.Request.class);
    }

    @Test
    void theFirstRequestDoesNotWaitForAnAuthority() {
        published = Optional.empty();

        assertThat(planAt(NOW)).isInstanceOf(IdentityStep.Request.class);
    }

    @Test
    void nothingIsRequestedBeforeEarlierRequestsAreKnown() {
        synced = false;

        assertThat(planAt(NOW)).isInstanceOf(IdentityStep.Wait.class);
    }

    @Test
    void aPendingRequestIsNotRepeated() {
        newest = observed(new ObservedRequest.Pending(), LONG_AGO);

        assertThat(planAt(NOW)).isInstanceOf(IdentityStep.Wait.class);
    }

    @Test
    void anIssuedCertificateIsStored() {
        newest = issued(certificate, NOW);

        assertThat(planAt(NOW)).isEqualTo(new IdentityStep.Store(certificate, published.orElseThrow()));
    }

    @Test
    void anIssuedCertificateIsNotTrustedBeforeTheAuthorityIsPublished() {
        newest = issued(certificate, NOW);
        published = Optional.empty();

        assertThat(planAt(NOW)).isInstanceOf(IdentityStep.Wait.class);
    }

    @Test
    void aCertificateThatDoesNotFitIsNotStored() {
        NodeKeyPair other = NodeKeyPair.generate(new SecureRandom());
        Instant retry = NOW.plus(IdentityPlanner.RETRY);

        for (X509Certificate wrong : new X509Certificate[] {
            authority.issue(other, "host-a", CertificatePurpose.SEALING, NOW),
            authority.issue(pair, "host-b", CertificatePurpose.SEALING, NOW),
            authority.issue(pair, "host-a", CertificatePurpose.AGENT, NOW),
            new TestAuthority(NOW).issue(pair, "host-a", CertificatePurpose.SEALING, NOW)
        }) {
            newest = issued(wrong, NOW);
            assertThat(planAt(NOW)).isInstanceOf(IdentityStep.Wait.class);
            assertThat(planAt(retry)).isInstanceOf(IdentityStep.Request.class);
        }
    }

    @Test
    void aRefusedRequestIsRepeatedAfterADelay() {
        newest = observed(new ObservedRequest.Refused("the token is not bound"), NOW);

        IdentityStep.Wait wait = (IdentityStep.Wait) planAt(NOW);
        assertThat(wait.message()).isEqualTo("certificate request csr-1 was refused: the token is not bound");
        assertThat(planAt(wait.until().minus(A_MOMENT))).isInstanceOf(IdentityStep.Wait.class);
        assertThat(planAt(wait.until())).isInstanceOf(IdentityStep.Request.class);
    }

    @Test
    void aValidCertificateIsKeptForTwoThirdsOfItsValidity() {
        stored = new StoredIdentity.Certified(pair, certificate, authority.verifier());
        newest = issued(certificate, LONG_AGO);
        Instant renewal = IdentityPlanner.renewalOf(certificate);

        assertThat(planAt(NOW)).isEqualTo(new IdentityStep.Settled(renewal));
        assertThat(planAt(renewal.minus(A_MOMENT))).isEqualTo(new IdentityStep.Settled(renewal));
        assertThat(planAt(renewal)).isInstanceOf(IdentityStep.Request.class);
        assertThat(Duration.between(NOW, renewal)).isBetween(Duration.ofDays(19), Duration.ofDays(21));
    }

    @Test
    void aValidCertificateIsUsedWhileTheApiServerIsNotReachable() {
        stored = new StoredIdentity.Certified(pair, certificate, authority.verifier());
        synced = false;
        published = Optional.empty();

        assertThat(planAt(NOW)).isInstanceOf(IdentityStep.Settled.class);
    }

    @Test
    void aRenewedCertificateReplacesTheOldOne() {
        Instant later = IdentityPlanner.renewalOf(certificate);
        X509Certificate renewed = authority.issue(pair, "host-a", CertificatePurpose.SEALING, later);
        stored = new StoredIdentity.Certified(pair, certificate, authority.verifier());
        newest = issued(renewed, later);

        assertThat(planAt(later)).isEqualTo(new IdentityStep.Store(renewed, published.orElseThrow()));
    }

    @Test
    void aNewAuthorityCausesANewRequest() {
        stored = new StoredIdentity.Certified(pair, certificate, authority.verifier());
        newest = issued(certificate, NOW);
        published = Optional.of(new TestAuthority(NOW).verifier());

        assertThat(planAt(NOW)).isInstanceOf(IdentityStep.Request.class);
    }

    private IdentityStep planAt(Instant now) {
        return IdentityPlanner.plan(
                IdentityFactsBuilder.builder()
                        .nodeName("host-a")
                        .purpose(CertificatePurpose.SEALING)
                        .stored(stored)
                        .synced(synced)
                        .authority(synced ? published : Optional.empty())
                        .newest(newest)
                        .build(),
                now);
    }

    private static Optional<ObservedRequest> issued(X509Certificate certificate, Instant since) {
        return observed(new ObservedRequest.Issued(Certificates.toPem(certificate)), since);
    }

    private static Optional<ObservedRequest> observed(ObservedRequest.Outcome outcome, Instant since) {
        return Optional.of(new ObservedRequest("csr-1", outcome, since));
    }

    @Nested
    class TheNextRequest extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return IdentityPlanner.RETRY;
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            newest = observed(new ObservedRequest.Refused("no"), since);
            return planAt(now) instanceof IdentityStep.Wait;
        }
    }
}
