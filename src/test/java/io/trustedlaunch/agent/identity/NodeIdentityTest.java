package io.trustedlaunch.agent.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateVerdict.Accepted;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.custody.VerifiedCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeIdentityTest {
    private static final CertificatePurpose SEALING = CertificatePurpose.SEALING;
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final AtomicReference<Instant> time = new AtomicReference<>(START);
    private final InstantSource clock = time::get;
    private final SecureRandom random = new SecureRandom();
    private final TestAuthority authority = new TestAuthority(START);
    private final TestAuthority qemuAuthority = new TestAuthority(PublishedAuthority.QEMU, START);
    private final FakeCertificateRequests requests = new FakeCertificateRequests();
    private final AtomicInteger changes = new AtomicInteger();

    @TempDir
    private Path folder;

    private Path pki;

    @BeforeEach
    void choosePki() {
        pki = folder.resolve("pki/qemu");
    }

    @Test
    void onePassGetsAllCertificatesForANewNode() {
        try (NodeIdentity identity = identity()) {
            identity.reconcile();

            assertThat(identity.sealing()).isPresent();
            assertThat(identity.channel()).isPresent();
            assertThat(identity.pending()).isEmpty();
            assertThat(identity.migrationPending()).isEmpty();
            assertThat(requests.count).isEqualTo(3);
            assertThat(changes).hasPositiveValue();
        }
    }

    @Test
    void anEnvelopeSealedBeforeARenewalCanBeOpenedAfterIt() throws Exception {
        try (NodeIdentity identity = identity()) {
            identity.reconcile();
            SealingIdentity before = identity.sealing().orElseThrow();
            EnvelopeAddress address = new EnvelopeAddress("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11", 1, "host-a");
            int changesBefore = changes.get();
            EnvelopeContent content = new EnvelopeContent(
                    address, ProtectionKey.generate(random), Map.of("user-data", "secret".getBytes(UTF_8)));
            byte[] envelope = Envelope.seal(content, verified(before), random);

            time.set(IdentityPlanner.renewalOf(before.certificate()));
            identity.reconcile();

            SealingIdentity after = identity.sealing().orElseThrow();
            assertThat(after.certificate()).isNotEqualTo(before.certificate());
            assertThat(after.open(Envelope::open, envelope, address)).isEqualTo(content);
            assertThat(changes).hasValueGreaterThan(changesBefore);
        }
    }

    @Test
    void nothingIsRequestedTwice() {
        requests.answering = false;
        try (NodeIdentity identity = identity()) {
            identity.reconcile();
            identity.reconcile();

            assertThat(requests.count).isEqualTo(3);
            assertThat(identity.pending().orElseThrow()).contains("has not answered it yet");
        }
    }

    @Test
    void aStoredIdentityIsUsedAfterARestart() {
        try (NodeIdentity first = identity()) {
            first.reconcile();
        }
        try (NodeIdentity second = identity()) {
            assertThat(second.sealing()).isPresent();
            second.reconcile();

            assertThat(requests.count).isEqualTo(3);
        }
    }

    @Test
    void aStartedIdentityFollowsChanges() {
        requests.answering = false;
        try (NodeIdentity identity = identity()) {
            identity.start();
            await().until(() -> requests.count == 3);

            requests.answering = true;
            requests.changed.run();

            await().until(() -> identity.sealing().isPresent());
        }
    }

    @Test
    void qemuGetsItsOwnPairThatItsGroupCanRead() throws IOException {
        try (NodeIdentity identity = identity()) {
            identity.reconcile();

            for (String role : List.of("server", "client")) {
                assertThat(mode(role + "-key.pem")).isEqualTo("rw-r-----");
                assertThat(pki.resolve(role + "-key.pem"))
                        .hasSameTextualContentAs(folder.resolve("identity/qemu.key"))
                        .content()
                        .isNotEqualTo(Files.readString(folder.resolve("identity/agent.key")));
                X509Certificate certificate = Certificates.fromPem(Files.readString(pki.resolve(role + "-cert.pem")));
                assertThat(qemuAuthority.verifier().hasIssued(certificate)).isTrue();
            }
            assertThat(pki.resolve("ca-cert.pem"))
                    .hasContent(qemuAuthority.verifier().authorityPem());
            try (var left = Files.list(pki)) {
                assertThat(left).hasSize(5);
            }
        }
    }

    @Test
    void qemusFilesAreUpdatedAtARenewalAndRestored() throws IOException {
        try (NodeIdentity identity = identity()) {
            identity.reconcile();
            String before = Files.readString(pki.resolve("server-cert.pem"));
            Files.delete(pki.resolve("client-key.pem"));

            time.set(START.plus(TestAuthority.LIFETIME.multipliedBy(3).dividedBy(4)));
            identity.reconcile();

            assertThat(pki.resolve("server-cert.pem")).content().isNotEqualTo(before);
            assertThat(mode("client-key.pem")).isEqualTo("rw-r-----");
        }
    }

    @Test
    void qemusCertificatesOfAnotherAuthorityAreNotReplaced() throws IOException {
        Files.createDirectories(pki);
        Files.writeString(pki.resolve("ca-cert.pem"), authority.verifier().authorityPem());
        try (NodeIdentity identity = identity()) {
            identity.reconcile();

            assertThat(identity.migrationPending().orElseThrow()).contains(pki.toString(), "--qemu-pki-dir");
            assertThat(pki.resolve("server-key.pem")).doesNotExist();
        }
    }

    private String mode(String file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(pki.resolve(file)));
    }

    private QemuFiles qemu() {
        return new QemuFiles(pki, Accounts.ownerOf(folder));
    }

    private NodeIdentity identity() {
        return new NodeIdentity(
                requests,
                new IdentitySettings("host-a", "trusted-launch", folder.resolve("identity"), qemu()),
                clock,
                random,
                changes::incrementAndGet);
    }

    private VerifiedCertificate verified(SealingIdentity identity) {
        return ((Accepted) authority.verifier().verify(identity.certificatePem(), "host-a", SEALING, time.get()))
                .certificate();
    }

    /** An API server and an operator that answer immediately, or not at all. */
    private final class FakeCertificateRequests implements CertificateRequests {
        private final Map<CertificatePurpose, Requested> requested = new EnumMap<>(CertificatePurpose.class);
        private volatile int count;
        private volatile boolean answering = true;
        private volatile Runnable changed = () -> {};

        private record Requested(String name, NodeKeyPair pair, Instant at) {}

        @Override
        public void start(Runnable onChange) {
            changed = onChange;
        }

        @Override
        public boolean isSynced() {
            return true;
        }

        @Override
        public Optional<NodeCertificateVerifier> authority(CertificatePurpose purpose) {
            return Optional.of(of(purpose).verifier());
        }

        private TestAuthority of(CertificatePurpose purpose) {
            return purpose == CertificatePurpose.QEMU ? qemuAuthority : authority;
        }

        @Override
        public Optional<ObservedRequest> newest(CertificatePurpose purpose, NodeKeyPair pair) {
            return Optional.ofNullable(requested.get(purpose))
                    .map(last -> new ObservedRequest(last.name(), outcome(purpose, last), last.at()));
        }

        private ObservedRequest.Outcome outcome(CertificatePurpose purpose, Requested last) {
            return answering
                    ? new ObservedRequest.Issued(
                            Certificates.toPem(of(purpose).issue(last.pair(), "host-a", purpose, last.at())))
                    : new ObservedRequest.Pending();
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // only one thread calls it
        public void request(CertificatePurpose purpose, NodeKeyPair pair) {
            requested.put(purpose, new Requested("csr-" + count, pair, time.get()));
            count++;
        }

        @Override
        public void close() {}
    }
}
