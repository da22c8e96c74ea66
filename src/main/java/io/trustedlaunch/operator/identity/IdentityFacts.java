package io.trustedlaunch.operator.identity;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The facts from which the answer to a certificate request is decided.
 *
 * @param name of the request, chosen by the requester
 * @param username set by the API server from the requester's token, like {@code nodeNames}
 * @param nodeNames the node that the token is bound to; empty if it is not bound
 * @param requestPem untrusted
 * @param enrolled whether the node may have certificates
 */
@RecordBuilder
record IdentityFacts(
        String name,
        String signerName,
        Progress progress,
        String username,
        List<String> nodeNames,
        String requestPem,
        Set<String> usages,
        Optional<Duration> requestedLifetime,
        boolean enrolled,
        AuthorityState<NodeCertificateAuthority> authority) {

    enum Progress {
        NEW,
        /** This operator or an administrator approved it; the request is checked in both cases. */
        APPROVED,
        /** Issued, denied or failed. */
        ANSWERED
    }
}
