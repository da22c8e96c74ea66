package io.trustedlaunch.agent.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateVerdict.Accepted;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.VerifiedCertificate;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeIdentityTest {
    private static final CertificatePurpose SEALING = CertificatePurpose.SEALING;
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final AtomicReference<Instant> time = new AtomicReference<>(START);
    private final InstantSource clock = time::get;
    private final SecureRandom random = new SecureRandom();
    private final TestAuthority authority = new TestAuthority(START);
    private final AnsweringRequests requests = new AnsweringRequests();
    private final AtomicInteger changes = new AtomicInteger();

    @TempDir
    private Path folder;

    @Test
    void oneLookBringsAFreshNodeToBothCertificates() {
        try (NodeIdentity identity = identity()) {
            identity.look();

            assertThat(identity.sealing()).isPresent();
            assertThat(identity.pending()).isEmpty();
            assertThat(requests.count).isEqualTo(2);
            assertThat(changes).hasValue(1);
        }
    }

    @Test
    void anEnvelopeSealedBeforeARenewalOpensAfterIt() throws Exception {
        try (NodeIdentity identity = identity()) {
            identity.look();
            SealingIdentity before = identity.sealing().orElseThrow();
            EnvelopeAddress address = new EnvelopeAddress("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11", 1, "host-a");
            EnvelopeContent content = new EnvelopeContent(
                    address, ProtectionKey.generate(random), Map.of("user-data", "secret".getBytes(UTF_8)));
            byte[] envelope = Envelope.seal(content, verified(before), random);

            time.set(IdentityPlanner.renewalOf(before.certificate()));
            identity.look();

            SealingIdentity after = identity.sealing().orElseThrow();
            assertThat(after.certificate()).isNotEqualTo(before.certificate());
            assertThat(after.open(envelope, address)).isEqualTo(content);
            assertThat(changes).hasValue(2);
        }
    }

    @Test
    void nothingIsAskedForTwice() {
        requests.answering = false;
        try (NodeIdentity identity = identity()) {
            identity.look();
            identity.look();

            assertThat(requests.count).isEqualTo(2);
            assertThat(identity.pending().orElseThrow()).contains("has no answer yet");
        }
    }

    @Test
    void aRestartFindsWhatWasStored() {
        try (NodeIdentity first = identity()) {
            first.look();
        }
        try (NodeIdentity second = identity()) {
            assertThat(second.sealing()).isPresent();
            second.look();

            assertThat(requests.count).isEqualTo(2);
        }
    }

    @Test
    void whenStartedItFollowsByItself() {
        requests.answering = false;
        try (NodeIdentity identity = identity()) {
            identity.start();
            await().until(() -> requests.count == 2);

            requests.answering = true;
            requests.changed.run();

            await().until(() -> identity.sealing().isPresent());
        }
    }

    private NodeIdentity identity() {
        return new NodeIdentity(
                requests,
                new IdentitySettings("host-a", "trusted-launch", folder.resolve("identity")),
                clock,
                random,
                changes::incrementAndGet);
    }

    private VerifiedCertificate verified(SealingIdentity identity) {
        return ((Accepted) authority.verifier().verify(identity.certificatePem(), "host-a", SEALING, time.get()))
                .certificate();
    }

    /** An API server and an operator that answer at once, or not at all. */
    private final class AnsweringRequests implements CertificateRequests {
        private final Map<CertificatePurpose, Asked> asked = new EnumMap<>(CertificatePurpose.class);
        private volatile int count;
        private volatile boolean answering = true;
        private volatile Runnable changed = () -> {};

        private record Asked(String name, NodeKeyPair pair, Instant at) {}

        @Override
        public void start(Runnable onChange) {
            changed = onChange;
        }

        @Override
        public boolean isSynced() {
            return true;
        }

        @Override
        public Optional<NodeCertificateVerifier> authority() {
            return Optional.of(authority.verifier());
        }

        @Override
        public Optional<SeenRequest> newest(CertificatePurpose purpose, NodeKeyPair pair) {
            return Optional.ofNullable(asked.get(purpose))
                    .map(last -> new SeenRequest(last.name(), outcome(purpose, last), last.at()));
        }

        private SeenRequest.Outcome outcome(CertificatePurpose purpose, Asked last) {
            return answering
                    ? new SeenRequest.Issued(
                            Certificates.toPem(authority.issue(last.pair(), "host-a", purpose, last.at())))
                    : new SeenRequest.Pending();
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread asks
        public void request(CertificatePurpose purpose, NodeKeyPair pair) {
            asked.put(purpose, new Asked("csr-" + count, pair, time.get()));
            count++;
        }

        @Override
        public void close() {}
    }
}
