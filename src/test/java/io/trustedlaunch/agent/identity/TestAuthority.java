package io.trustedlaunch.agent.identity;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.custody.PublishedAuthority;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/** An authority in memory, as the operator has one. */
final class TestAuthority {
    static final Duration LIFETIME = Duration.ofDays(30);

    private final SecureRandom random = new SecureRandom();
    private final NodeCertificateAuthority authority;

    TestAuthority(Instant now) {
        this(PublishedAuthority.NODES, now);
    }

    TestAuthority(String name, Instant now) {
        authority = NodeCertificateAuthority.create(name, random, now, Duration.ofDays(3650));
    }

    NodeCertificateVerifier verifier() {
        return authority.verifier();
    }

    X509Certificate issue(NodeKeyPair pair, String nodeName, CertificatePurpose purpose, Instant now) {
        return authority.issue(
                CertificateRequest.parse(pair.certificateRequest(random)),
                new NodeSubject(nodeName),
                purpose,
                now,
                LIFETIME,
                random);
    }
}
