package io.trustedlaunch.agent.identity;

import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import java.security.cert.X509Certificate;

/** What the files of one purpose hold. */
sealed interface StoredIdentity {
    record NoKey() implements StoredIdentity {}

    /** A certificate that is missing, malformed or of another key can be had again, so it counts as missing. */
    record KeyOnly(NodeKeyPair pair) implements StoredIdentity {}

    /** @param authority what issued the certificate, and what others' certificates of this purpose are checked with */
    record Certified(NodeKeyPair pair, X509Certificate certificate, NodeCertificateVerifier authority)
            implements StoredIdentity {}

    record Unusable(String message) implements StoredIdentity {}
}
