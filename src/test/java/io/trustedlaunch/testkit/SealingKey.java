package io.trustedlaunch.testkit;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.CertificateVerdict;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.custody.VerifiedCertificate;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;

/** A sealing key of a node. */
public final class SealingKey {
    public static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final NodeCertificateAuthority AUTHORITY =
            NodeCertificateAuthority.create(PublishedAuthority.NODES, RANDOM, NOW, Duration.ofDays(365));

    private final String node;
    private final NodeKeyPair pair = NodeKeyPair.generate(RANDOM);

    public SealingKey(String node) {
        this.node = node;
    }

    /** For the node's side. */
    public NodeKeyPair pair() {
        return pair;
    }

    /** Of the authority of all these keys. */
    public static NodeCertificateVerifier verifier() {
        return AUTHORITY.verifier();
    }

    /** In PEM; another one each time, as after a renewal. */
    public String certificatePem() {
        return Certificates.toPem(AUTHORITY.issue(
                CertificateRequest.parse(pair.certificateRequest(RANDOM)),
                new NodeSubject(node),
                CertificatePurpose.SEALING,
                NOW,
                Duration.ofDays(30),
                RANDOM));
    }

    public VerifiedCertificate certificate() {
        CertificateVerdict verdict = verifier().verify(certificatePem(), node, CertificatePurpose.SEALING, NOW);
        return ((CertificateVerdict.Accepted) verdict).certificate();
    }

    /** In base64, as in a VMIncarnation of the VM in {@link Vms}. */
    public String envelope(long epoch) {
        EnvelopeContent content = new EnvelopeContent(
                new EnvelopeAddress(Vms.UID, epoch, node), ProtectionKey.generate(RANDOM), Map.of());
        return Base64.getEncoder().encodeToString(Envelope.seal(content, certificate(), RANDOM));
    }
}
