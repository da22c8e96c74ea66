package io.trustedlaunch.custody;

import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;

/**
 * Certifies the endorsement keys of the cluster's VMs, after the TCG EK Credential Profile for TPM Family 2.0. The
 * caller has to know which VM a key belongs to.
 */
public final class EkCertificateAuthority extends CertificateAuthority {
    /** The date for certificates without an end (RFC 5280, 4.1.2.5): a TPM never changes its endorsement key. */
    static final Instant WITHOUT_END = Instant.parse("9999-12-31T23:59:59Z");

    private static final KeyPurposeId EK_CERTIFICATE =
            KeyPurposeId.getInstance(new ASN1ObjectIdentifier("2.23.133.8.1"));

    /** The alternative names carry the identity, and are critical, as RFC 5280 requires without a subject. */
    private static final X500Name NO_SUBJECT = new X500Name(new RDN[0]);

    private EkCertificateAuthority(SigningPair signer) {
        super(signer);
    }

    public static EkCertificateAuthority create(SecureRandom random, Instant now) {
        return new EkCertificateAuthority(SigningPair.create(PublishedAuthority.VTPMS, now, WITHOUT_END, random));
    }

    /** @throws IllegalArgumentException if either is malformed, or they do not belong together */
    public static EkCertificateAuthority fromPem(String keyPem, String certificatePem) {
        return new EkCertificateAuthority(SigningPair.fromPem(keyPem, certificatePem));
    }

    /** Each call issues a certificate with a serial number of its own. */
    public X509Certificate issue(EkPublicArea key, EkSubject subject, Instant now, SecureRandom random) {
        try {
            X509v3CertificateBuilder builder = signer.builder(NO_SUBJECT, key.publicKey(), now, WITHOUT_END, random)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyEncipherment))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(EK_CERTIFICATE))
                    .addExtension(Extension.subjectAlternativeName, true, subject.alternativeNames());
            return signer.sign(builder, random);
        } catch (CertIOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }
}
