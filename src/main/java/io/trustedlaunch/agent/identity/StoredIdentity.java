package io.trustedlaunch.agent.identity;

import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import java.security.cert.X509Certificate;

/** The content of the files of one purpose. */
sealed interface StoredIdentity {
    record NoKey() implements StoredIdentity {}

    /** No valid certificate: a malformed one, or one for another key, counts as missing and is requested again. */
    record KeyOnly(NodeKeyPair pair) implements StoredIdentity {}

    /** @param authority the issuer, which also verifies the certificates of other nodes for this purpose */
    record Certified(NodeKeyPair pair, X509Certificate certificate, NodeCertificateVerifier authority)
            implements StoredIdentity {}

    record Unusable(String message) implements StoredIdentity {}
}
