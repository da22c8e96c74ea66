package io.trustedlaunch.agent.identity;

import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;

/** The one thing to do next for one purpose. */
sealed interface IdentityStep {
    record MakeKey() implements IdentityStep {}

    record Request(NodeKeyPair pair) implements IdentityStep {}

    /** @param authority the one that issued it */
    record Store(X509Certificate certificate, NodeCertificateVerifier authority) implements IdentityStep {}

    /** For the API server's word, which wakes, or until a time. */
    record Wait(String message, Instant until) implements IdentityStep {}

    record Settled(Instant until) implements IdentityStep {}

    record Blocked(String message) implements IdentityStep {}
}
