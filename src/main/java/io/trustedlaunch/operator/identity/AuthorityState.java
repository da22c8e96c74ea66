package io.trustedlaunch.operator.identity;

import io.trustedlaunch.custody.CertificateAuthority;

/** What the operator's namespace holds of an authority. */
public sealed interface AuthorityState<A extends CertificateAuthority> {
    record Absent<A extends CertificateAuthority>() implements AuthorityState<A> {}

    /** @param published its certificate can be read by those who check with it */
    record Present<A extends CertificateAuthority>(A authority, boolean published) implements AuthorityState<A> {}

    /** There is something, and it is no authority; it is not replaced, since it may be a half-done restore. */
    record Unusable<A extends CertificateAuthority>(String message) implements AuthorityState<A> {}
}
