package io.trustedlaunch.custody;

import io.trustedlaunch.custody.CertificateVerdict.Accepted;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/** An authority, and nodes with pairs that it certifies. */
final class CustodyFixture {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final Duration LIFETIME = Duration.ofDays(30);

    final SecureRandom random = new SecureRandom();
    final NodeCertificateAuthority authority =
            NodeCertificateAuthority.create(PublishedAuthority.NODES, random, NOW, Duration.ofDays(3650));

    X509Certificate issue(NodeKeyPair pair, String nodeName, CertificatePurpose purpose) {
        return issue(pair, nodeName, purpose, NOW);
    }

    X509Certificate issue(NodeKeyPair pair, String nodeName, CertificatePurpose purpose, Instant issued) {
        return authority.issue(requestOf(pair), new NodeSubject(nodeName), purpose, issued, LIFETIME, random);
    }

    CertificateRequest requestOf(NodeKeyPair pair) {
        return CertificateRequest.parse(pair.certificateRequest(random));
    }

    VerifiedCertificate verified(NodeKeyPair pair, String nodeName, CertificatePurpose purpose) {
        CertificateVerdict verdict =
                authority.verifier().verify(issue(pair, nodeName, purpose), nodeName, purpose, NOW);
        return ((Accepted) verdict).certificate();
    }
}
