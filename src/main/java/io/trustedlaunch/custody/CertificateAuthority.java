package io.trustedlaunch.custody;

import java.time.Instant;

/** The parts of an authority that are stored. */
public abstract sealed class CertificateAuthority permits NodeCertificateAuthority, EkCertificateAuthority {
    final SigningPair signer;

    CertificateAuthority(SigningPair signer) {
        this.signer = signer;
    }

    /** The private key, for the authority's Secret and nothing else. */
    public final String keyPem() {
        return signer.keyPem();
    }

    public final String certificatePem() {
        return signer.certificatePem();
    }

    /** The key of the operator's marks; who has it cannot issue certificates. */
    public final MarkKey markKey() {
        return MarkKey.derivedFrom(signer.pair().getPrivate().getEncoded());
    }

    /** The key of proofs that the operator gave an incarnation to a node; who has it cannot issue certificates. */
    public final AssignmentKey assignmentKey() {
        return AssignmentKey.derivedFrom(signer.pair().getPrivate().getEncoded());
    }

    public final boolean isValidAt(Instant time) {
        return signer.isValidAt(time);
    }
}
