package io.trustedlaunch.protocol;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.operator.seal.SealingCertificates;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A node's key pair and its sealing certificate; made once, since that takes long. */
record Certified(NodeKeyPair pair, String certificate) {
    private static final Instant BEFORE = Instant.parse("2026-02-28T12:00:00Z");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final NodeCertificateAuthority AUTHORITY =
            NodeCertificateAuthority.create(PublishedAuthority.NODES, RANDOM, BEFORE, Duration.ofDays(365));
    /** For all operators: none of these certificates ends within a test, and their check takes long. */
    static final SealingCertificates CHECKED =
            new SealingCertificates(AUTHORITY::verifier, InstantSource.fixed(BEFORE));

    private static final Map<String, Certified> MADE = new ConcurrentHashMap<>();

    static Certified node(String name) {
        return MADE.computeIfAbsent(name, Certified::make);
    }

    /** Another key pair of that node. */
    static Certified make(String name) {
        NodeKeyPair pair = NodeKeyPair.generate(RANDOM);
        return new Certified(
                pair,
                Certificates.toPem(AUTHORITY.issue(
                        CertificateRequest.parse(pair.certificateRequest(RANDOM)),
                        new NodeSubject(name),
                        CertificatePurpose.SEALING,
                        BEFORE,
                        Duration.ofDays(300),
                        RANDOM)));
    }
}
