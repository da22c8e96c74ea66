package io.trustedlaunch.operator.identity;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeSubject;
import java.time.Duration;

/** The next step for a certificate request. */
sealed interface IdentityStep {
    record Ignore() implements IdentityStep {}

    /** Waits until a user or another controller changes something. */
    record Wait(String message) implements IdentityStep {}

    record CreateAuthority(CertificatePurpose purpose) implements IdentityStep {}

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

    /** Refuses a request that was approved before: an approval cannot be revoked. */
    record Fail(String message) implements IdentityStep {}
}
