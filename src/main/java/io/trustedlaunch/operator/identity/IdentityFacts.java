package io.trustedlaunch.operator.identity;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A certificate request and what there is to judge it by.
 *
 * @param username set by the API server from the requester's token, as are {@code nodeNames}
 * @param nodeNames the node that the token is bound to: none, if it is not bound
 * @param requestPem of a stranger, until proved otherwise
 * @param nodeAddress the address that the certificate names; empty while the node's ClusterNode has none
 */
@RecordBuilder
record IdentityFacts(
        String signerName,
        Progress progress,
        String username,
        List<String> nodeNames,
        String requestPem,
        Set<String> usages,
        Optional<Duration> askedLifetime,
        Optional<String> nodeAddress,
        AuthorityState<NodeCertificateAuthority> authority) {

    enum Progress {
        NEW,
        /** By this operator, or by an administrator: the request is judged all the same. */
        APPROVED,
        /** Issued, denied or failed. */
        ANSWERED
    }
}
