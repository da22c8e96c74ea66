package io.trustedlaunch.agent.identity;

import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;

/** The next step for one purpose. */
sealed interface IdentityStep {
    record MakeKey() implements IdentityStep {}

    record Request(NodeKeyPair pair) implements IdentityStep {}

    /** @param authority the issuer */
    record Store(X509Certificate certificate, NodeCertificateVerifier authority) implements IdentityStep {}

    /** Waits for a change at the API server, or until a time. */
    record Wait(String message, Instant until) implements IdentityStep {}

    record Settled(Instant until) implements IdentityStep {}

    record Blocked(String message) implements IdentityStep {}
}
