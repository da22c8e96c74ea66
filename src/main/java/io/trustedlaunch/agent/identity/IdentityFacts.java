package io.trustedlaunch.agent.identity;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import java.util.Optional;

/**
 * The observed state of one purpose, on this host and at the API server.
 *
 * @param synced whether authority and newest are known from the API server
 * @param newest the latest request for the stored key
 */
@RecordBuilder
record IdentityFacts(
        String nodeName,
        CertificatePurpose purpose,
        StoredIdentity stored,
        boolean synced,
        Optional<NodeCertificateVerifier> authority,
        Optional<ObservedRequest> newest) {}
