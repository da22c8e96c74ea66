package io.trustedlaunch.operator.identity;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeSubject;
import java.time.Duration;

/** The one thing to do next for a certificate request. */
sealed interface IdentityStep {
    record Ignore() implements IdentityStep {}

    /** For what somebody else brings about. */
    record Wait(String message) implements IdentityStep {}

    record MakeAuthority(CertificatePurpose purpose) implements IdentityStep {}

    record PublishAuthority(CertificatePurpose purpose, NodeCertificateAuthority authority) implements IdentityStep {}

    record Approve(String message) implements IdentityStep {}

    record Issue(
            NodeCertificateAuthority authority,
            CertificateRequest request,
            NodeSubject subject,
            CertificatePurpose purpose,
            Duration lifetime)
            implements IdentityStep {}

    record Deny(String message) implements IdentityStep {}

    /** Refuses what was approved already: an approval cannot be taken back. */
    record Fail(String message) implements IdentityStep {}
}
