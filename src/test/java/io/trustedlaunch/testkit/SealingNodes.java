package io.trustedlaunch.testkit;

import io.trustedlaunch.api.node.ClusterNode;
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

/** Nodes with sealing certificates of one authority. */
public final class SealingNodes {
    public static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final NodeCertificateAuthority AUTHORITY =
            NodeCertificateAuthority.create(PublishedAuthority.NODES, RANDOM, NOW, Duration.ofDays(365));

    private SealingNodes() {}

    /** Alive and empty, with 8Gi for VMs. */
    public static ClusterNode node(String name) {
        return node(name, NodeKeyPair.generate(RANDOM));
    }

    /** @param pair that opens what is sealed to it */
    public static ClusterNode node(String name, NodeKeyPair pair) {
        return Nodes.clusterNode(Nodes.info(name)
                .status(Nodes.status()
                        .sealingCertificate(Certificates.toPem(AUTHORITY.issue(
                                CertificateRequest.parse(pair.certificateRequest(RANDOM)),
                                new NodeSubject(name),
                                CertificatePurpose.SEALING,
                                NOW,
                                Duration.ofDays(30),
                                RANDOM)))
                        .build())
                .build());
    }

    public static SealingCertificates certificates(InstantSource clock) {
        return new SealingCertificates(AUTHORITY::verifier, clock);
    }
}
