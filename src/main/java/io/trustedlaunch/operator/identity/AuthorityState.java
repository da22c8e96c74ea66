package io.trustedlaunch.operator.identity;

import io.trustedlaunch.custody.NodeCertificateAuthority;

/** What the operator's namespace holds of the authority. */
public sealed interface AuthorityState {
    record Absent() implements AuthorityState {}

    /** @param published agents can read its certificate */
    record Present(NodeCertificateAuthority authority, boolean published) implements AuthorityState {}

    /** There is something, and it is no authority; it is not replaced, since it may be a half-done restore. */
    record Unusable(String message) implements AuthorityState {}
}
