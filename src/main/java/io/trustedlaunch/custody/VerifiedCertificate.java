package io.trustedlaunch.custody;

import java.security.cert.X509Certificate;

/** A certificate that {@link NodeCertificateVerifier} accepted; only the verifier makes one. */
public final class VerifiedCertificate {
    private final X509Certificate certificate;
    private final String nodeName;
    private final CertificatePurpose purpose;

    VerifiedCertificate(X509Certificate certificate, String nodeName, CertificatePurpose purpose) {
        this.certificate = certificate;
        this.nodeName = nodeName;
        this.purpose = purpose;
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

    @Override
    public String toString() {
        return "VerifiedCertificate[" + purpose + " of " + nodeName + "]";
    }
}
