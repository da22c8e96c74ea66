package io.trustedlaunch.operator.identity;

import io.trustedlaunch.custody.CertificateAuthority;

/** The state of an authority in the operator's namespace. */
public sealed interface AuthorityState<A extends CertificateAuthority> {
    record Absent<A extends CertificateAuthority>() implements AuthorityState<A> {}

    /** @param published whether its certificate is in the ConfigMap that verifiers read */
    record Present<A extends CertificateAuthority>(A authority, boolean published) implements AuthorityState<A> {}

    /** The Secret holds no usable authority. It is not replaced, since a restore may be under way. */
    record Unusable<A extends CertificateAuthority>(String message) implements AuthorityState<A> {}
}
