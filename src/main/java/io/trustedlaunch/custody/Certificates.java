package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;

/** Certificates as text and back. */
public final class Certificates {
    private Certificates() {}

    public static String toPem(X509Certificate certificate) {
        try {
            return PemBlock.write(PemBlock.CERTIFICATE, certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that cannot be encoded", e);
        }
    }

    /** @throws IllegalArgumentException if it is not exactly one certificate */
    public static X509Certificate fromPem(String pem) {
        return fromEncoded(PemBlock.read(PemBlock.CERTIFICATE, pem));
    }

    /** Empty if it is not exactly one certificate. */
    public static Optional<Instant> expirationOf(String pem) {
        try {
            return Optional.of(fromPem(pem).getNotAfter().toInstant());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static X509Certificate fromHolder(X509CertificateHolder holder) {
        try {
            return fromEncoded(holder.getEncoded());
        } catch (IOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    static boolean isValidAt(X509Certificate certificate, Instant time) {
        return !time.isBefore(certificate.getNotBefore().toInstant())
                && !time.isAfter(certificate.getNotAfter().toInstant());
    }

    static X500Name subjectOf(X509Certificate certificate) {
        return holder(certificate).getSubject();
    }

    /** Empty if there is none, or more than one to choose from. */
    static Optional<String> commonNameOf(X509Certificate certificate) {
        RDN[] names = subjectOf(certificate).getRDNs(BCStyle.CN);
        return names.length == 1 && !names[0].isMultiValued()
                ? Optional.of(IETFUtils.valueToString(names[0].getFirst().getValue()))
                : Optional.empty();
    }

    static X509CertificateHolder holder(X509Certificate certificate) {
        try {
            return new JcaX509CertificateHolder(certificate);
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that cannot be encoded", e);
        }
    }

    /** Parses by way of a holder, as a certificate factory reads one certificate and ignores what follows. */
    private static X509Certificate fromEncoded(byte[] encoded) {
        try {
            return new JcaX509CertificateConverter()
                    .setProvider(EllipticCurve.PROVIDER)
                    .getCertificate(new X509CertificateHolder(encoded));
        } catch (CertificateException | IOException | RuntimeException e) {
            throw new IllegalArgumentException("not a certificate", e);
        }
    }
}
