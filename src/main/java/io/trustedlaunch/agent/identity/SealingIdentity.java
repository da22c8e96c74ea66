package io.trustedlaunch.agent.identity;

import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.EnvelopeRefusedException;
import io.trustedlaunch.custody.NodeKeyPair;
import java.security.cert.X509Certificate;

/** The key pair that opens this node's envelopes, and the certificate that envelopes are sealed to. */
public final class SealingIdentity {
    /** How one kind of envelope is opened. */
    @FunctionalInterface
    public interface Kind<A, C> {
        C open(byte[] envelope, NodeKeyPair pair, A expected) throws EnvelopeRefusedException;
    }

    private final NodeKeyPair pair;
    private final X509Certificate certificate;

    SealingIdentity(NodeKeyPair pair, X509Certificate certificate) {
        this.pair = pair;
        this.certificate = certificate;
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** The content of {@code ClusterNode.status.sealingCertificate}. */
    public String certificatePem() {
        return Certificates.toPem(certificate);
    }

    public <A, C> C open(Kind<A, C> kind, byte[] envelope, A expected) throws EnvelopeRefusedException {
        return kind.open(envelope, pair, expected);
    }
}
