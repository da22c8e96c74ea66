package io.trustedlaunch.agent.identity;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import java.util.Optional;

/**
 * One purpose, as this host and the API server know it.
 *
 * @param synced requests and authority are what the API server has; otherwise they are unknown
 * @param newest the latest request for the stored key
 */
@RecordBuilder
record IdentityFacts(
        String nodeName,
        CertificatePurpose purpose,
        StoredIdentity stored,
        boolean synced,
        Optional<NodeCertificateVerifier> authority,
        Optional<SeenRequest> newest) {}
