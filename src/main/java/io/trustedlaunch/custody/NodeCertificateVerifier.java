package io.trustedlaunch.custody;

import io.trustedlaunch.custody.CertificateVerdict.Accepted;
import io.trustedlaunch.custody.CertificateVerdict.Fault;
import io.trustedlaunch.custody.CertificateVerdict.Refused;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;

/** Checks certificates of nodes against the authority that issues them. */
public final class NodeCertificateVerifier {
    private final X509Certificate authority;

    NodeCertificateVerifier(X509Certificate authority) {
        this.authority = authority;
    }

    /** @throws IllegalArgumentException if it is not exactly one certificate of an authority */
    public static NodeCertificateVerifier fromPem(String authorityPem) {
        X509Certificate authority = Certificates.fromPem(authorityPem);
        if (authority.getBasicConstraints() < 0) {
            throw new IllegalArgumentException("not the certificate of an authority");
        }
        return new NodeCertificateVerifier(authority);
    }

    public String authorityPem() {
        return Certificates.toPem(authority);
    }

    public CertificateVerdict verify(String pem, String nodeName, CertificatePurpose purpose, Instant now) {
        try {
            return verify(Certificates.fromPem(pem), nodeName, purpose, now);
        } catch (IllegalArgumentException e) {
            return new Refused(Fault.MALFORMED, "not a certificate in PEM");
        }
    }

    /** Whether this authority signed it, at any time and for any purpose. */
    public boolean hasIssued(X509Certificate certificate) {
        return issuerFault(certificate).isEmpty();
    }

    /** Works like {@link #verify(X509Certificate, String, CertificatePurpose, Instant)}, for any node. */
    public CertificateVerdict verify(X509Certificate certificate, CertificatePurpose purpose, Instant now) {
        return Certificates.commonNameOf(certificate)
                .map(nodeName -> verify(certificate, nodeName, purpose, now))
                .orElseGet(() -> new Refused(Fault.MALFORMED, "the certificate names no node"));
    }

    public CertificateVerdict verify(
            X509Certificate certificate, String nodeName, CertificatePurpose purpose, Instant now) {
        return issuerFault(certificate)
                .or(() -> keyFault(certificate))
                .or(() -> nodeFault(certificate, nodeName))
                .or(() -> purposeFault(certificate, purpose))
                .or(() -> validityFault(certificate, now))
                .<CertificateVerdict>map(refused -> refused)
                .orElseGet(() -> new Accepted(new VerifiedCertificate(certificate, nodeName, purpose)));
    }

    private Optional<Refused> issuerFault(X509Certificate certificate) {
        try {
            certificate.verify(authority.getPublicKey(), EllipticCurve.PROVIDER);
        } catch (GeneralSecurityException | RuntimeException e) {
            return refused(Fault.UNKNOWN_ISSUER, "was not issued by this cluster's authority");
        }
        return Optional.empty();
    }

    private static Optional<Refused> keyFault(X509Certificate certificate) {
        return EllipticCurve.isOurs(Certificates.holder(certificate).getSubjectPublicKeyInfo())
                ? Optional.empty()
                : refused(Fault.MALFORMED, "is not for a key on P-256");
    }

    private static Optional<Refused> nodeFault(X509Certificate certificate, String nodeName) {
        Optional<String> name = Certificates.commonNameOf(certificate);
        return name.equals(Optional.of(nodeName))
                ? Optional.empty()
                : refused(Fault.WRONG_NODE, "is of node " + name.orElse("(unnamed)") + ", not of " + nodeName);
    }

    /** The authority's own certificate fails here too: it has no extended key usage. */
    private static Optional<Refused> purposeFault(X509Certificate certificate, CertificatePurpose purpose) {
        X509CertificateHolder holder = Certificates.holder(certificate);
        Extensions extensions = holder.getExtensions();
        boolean fits = extensions != null
                && purpose.extendedKeyUsage().equals(ExtendedKeyUsage.fromExtensions(extensions))
                && purpose.keyUsage().equals(KeyUsage.fromExtensions(extensions));
        return fits ? Optional.empty() : refused(Fault.WRONG_PURPOSE, "is not a certificate for " + purpose.label());
    }

    private Optional<Refused> validityFault(X509Certificate certificate, Instant now) {
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            return refused(
                    Fault.NOT_YET_VALID,
                    "is valid from " + certificate.getNotBefore().toInstant() + ", and it is " + now);
        }
        if (now.isAfter(certificate.getNotAfter().toInstant())) {
            return refused(
                    Fault.EXPIRED, "expired at " + certificate.getNotAfter().toInstant());
        }
        return Certificates.isValidAt(authority, now)
                ? Optional.empty()
                : refused(Fault.EXPIRED, "outlived the authority that issued it");
    }

    private static Optional<Refused> refused(Fault fault, String what) {
        return Optional.of(new Refused(fault, "the certificate " + what));
    }
}
