package io.trustedlaunch.custody;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** The key of an authority, on P-256, and the authority's own certificate. */
record SigningPair(KeyPair pair, X509Certificate certificate) {
    /** Clocks differ, and a certificate is used as soon as it is issued. */
    private static final Duration MAX_BACKDATED = Duration.ofMinutes(5);

    /** A short certificate must not be past two thirds of its lifetime, when it is renewed, at its issue. */
    private static final int BACKDATED_DIVISOR = 10;

    private static final int SERIAL_BYTES = 16;

    /** @param namePrefix the rest of the name comes from the key, so that no two authorities have the same name */
    static SigningPair create(String namePrefix, Instant now, Instant notAfter, SecureRandom random) {
        KeyPair pair = EllipticCurve.newPair(random);
        byte[] keyIdentifier = EllipticCurve.keyIdentifier(pair.getPublic());
        X500Name name =
                NodeSubject.distinguishedName(namePrefix + "-" + HexFormat.of().formatHex(keyIdentifier, 0, 4));
        try {
            X509v3CertificateBuilder builder = builder(name, name, pair.getPublic(), now, notAfter, random)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyIdentifier));
            return new SigningPair(pair, sign(builder, pair, random));
        } catch (CertIOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    /** @throws IllegalArgumentException if either is malformed, or they do not belong together */
    static SigningPair fromPem(String keyPem, String certificatePem) {
        KeyPair pair = NodeKeyPair.pairFromPem(keyPem);
        X509Certificate certificate = Certificates.fromPem(certificatePem);
        if (!Arrays.equals(
                pair.getPublic().getEncoded(), certificate.getPublicKey().getEncoded())) {
            throw new IllegalArgumentException("the authority's certificate is for another key");
        }
        return new SigningPair(pair, certificate);
    }

    String keyPem() {
        return PemBlock.write(PemBlock.PRIVATE_KEY, pair.getPrivate().getEncoded());
    }

    String certificatePem() {
        return Certificates.toPem(certificate);
    }

    boolean isValidAt(Instant time) {
        return Certificates.isValidAt(certificate, time);
    }

    /** The end of a certificate of another key, which never outlives the authority. */
    X509v3CertificateBuilder builder(
            X500Name subject, PublicKey key, Instant now, Instant notAfter, SecureRandom random) {
        Instant end = certificate.getNotAfter().toInstant();
        X509v3CertificateBuilder builder = builder(
                Certificates.subjectOf(certificate),
                subject,
                key,
                now,
                notAfter.isBefore(end) ? notAfter : end,
                random);
        try {
            return builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new AuthorityKeyIdentifier(EllipticCurve.keyIdentifier(pair.getPublic())));
        } catch (CertIOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    X509Certificate sign(X509v3CertificateBuilder builder, SecureRandom random) {
        return sign(builder, pair, random);
    }

    /** Omits the pair: some providers print private keys. */
    @Override
    public String toString() {
        return "SigningPair[" + certificate.getSubjectX500Principal() + "]";
    }

    static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant now, Instant notAfter, SecureRandom random) {
        Duration backdated = Duration.between(now, notAfter).dividedBy(BACKDATED_DIVISOR);
        if (backdated.compareTo(MAX_BACKDATED) > 0) {
            backdated = MAX_BACKDATED;
        }
        byte[] serial = new byte[SERIAL_BYTES];
        random.nextBytes(serial);
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(1, serial).setBit(0),
                Date.from(now.minus(backdated)),
                Date.from(notAfter),
                subject,
                key);
    }

    static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair pair, SecureRandom random) {
        try {
            return Certificates.fromHolder(builder.build(new JcaContentSignerBuilder(EllipticCurve.SIGNATURE)
                    .setProvider(EllipticCurve.PROVIDER)
                    .setSecureRandom(random)
                    .build(pair.getPrivate())));
        } catch (OperatorCreationException e) {
            throw new IllegalStateException("signing a certificate failed", e);
        }
    }
}
