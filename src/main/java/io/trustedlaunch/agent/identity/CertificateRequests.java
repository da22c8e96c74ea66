package io.trustedlaunch.agent.identity;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import java.util.Optional;

/** Certificate requests and authorities at the API server. */
interface CertificateRequests extends AutoCloseable {
    /** @param changed called after each change */
    void start(Runnable changed);

    /** Whether the other methods return the state of the API server. */
    boolean isSynced();

    /** The operator's authority for the purpose, if it is published. */
    Optional<NodeCertificateVerifier> authority(CertificatePurpose purpose);

    /** The latest request for the pair's key. */
    Optional<ObservedRequest> newest(CertificatePurpose purpose, NodeKeyPair pair);

    void request(CertificatePurpose purpose, NodeKeyPair pair);

    @Override
    void close();
}
