package io.trustedlaunch.custody;

import java.security.cert.X509Certificate;
import java.util.HexFormat;

/** A certificate that {@link NodeCertificateVerifier} accepted; only the verifier makes one. */
public final class VerifiedCertificate {
    private final X509Certificate certificate;
    private final String nodeName;
    private final CertificatePurpose purpose;
    private final String keyIdentifier;

    VerifiedCertificate(X509Certificate certificate, String nodeName, CertificatePurpose purpose) {
        this.certificate = certificate;
        this.nodeName = nodeName;
        this.purpose = purpose;
        this.keyIdentifier = HexFormat.of().formatHex(EllipticCurve.keyIdentifier(certificate.getPublicKey()));
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public String nodeName() {
        return nodeName;
    }

    public CertificatePurpose purpose() {
        return purpose;
    }

    /** Fingerprint of its public key: the same after a renewal, which keeps the key. */
    public String keyIdentifier() {
        return keyIdentifier;
    }

    @Override
    public String toString() {
        return "VerifiedCertificate[" + purpose + " of " + nodeName + "]";
    }
}
