package io.trustedlaunch.agent.identity;

import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.EnvelopeRefusedException;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.PullEnvelope;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.custody.StoreEnvelope;
import java.security.cert.X509Certificate;

/** The key pair that opens this node's envelopes, and the certificate that envelopes are sealed to. */
public final class SealingIdentity {
    private final NodeKeyPair pair;
    private final X509Certificate certificate;

    SealingIdentity(NodeKeyPair pair, X509Certificate certificate) {
        this.pair = pair;
        this.certificate = certificate;
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** For {@code ClusterNode.status.sealingCertificate}. */
    public String certificatePem() {
        return Certificates.toPem(certificate);
    }

    public EnvelopeContent open(byte[] envelope, EnvelopeAddress expected) throws EnvelopeRefusedException {
        return Envelope.open(envelope, pair, expected);
    }

    public byte[] open(byte[] envelope, StoreEnvelope.Address expected) throws EnvelopeRefusedException {
        return StoreEnvelope.open(envelope, pair, expected);
    }

    public PullCredentials open(byte[] envelope, PullEnvelope.Address expected) throws EnvelopeRefusedException {
        return PullEnvelope.open(envelope, pair, expected);
    }

    public RestoreEnvelope.Content open(byte[] envelope, RestoreEnvelope.Address expected)
            throws EnvelopeRefusedException {
        return RestoreEnvelope.open(envelope, pair, expected);
    }
}
