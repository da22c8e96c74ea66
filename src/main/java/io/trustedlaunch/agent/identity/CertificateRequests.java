package io.trustedlaunch.agent.identity;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import java.util.Optional;

/** The API server, as far as certificates go. */
interface CertificateRequests extends AutoCloseable {
    /** Watches from now on, and calls back when something changed. */
    void start(Runnable changed);

    /** What the other methods tell is what the API server has. */
    boolean isSynced();

    /** The operator's authority that certifies for the purpose, if it is published. */
    Optional<NodeCertificateVerifier> authority(CertificatePurpose purpose);

    /** The latest request for the pair's key. */
    Optional<SeenRequest> newest(CertificatePurpose purpose, NodeKeyPair pair);

    void request(CertificatePurpose purpose, NodeKeyPair pair);

    @Override
    void close();
}
