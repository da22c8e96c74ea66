package io.trustedlaunch.agent.identity;

import io.trustedlaunch.custody.NodeKeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;

/** The one thing to do next for one purpose. */
sealed interface IdentityStep {
    record MakeKey() implements IdentityStep {}

    record Request(NodeKeyPair pair) implements IdentityStep {}

    record Store(X509Certificate certificate) implements IdentityStep {}

    /** For the API server's word, which wakes, or until a time. */
    record Wait(String message, Instant until) implements IdentityStep {}

    record Settled(Instant until) implements IdentityStep {}

    record Blocked(String message) implements IdentityStep {}
}
