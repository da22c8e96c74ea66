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

/** Issues the nodes' certificates. Whom for, its caller has to know. */
public final class NodeCertificateAuthority {
    /** Clocks differ, and a certificate is used as soon as it is there. */
    private static final Duration BACKDATED_AT_MOST = Duration.ofMinutes(5);

    /** A short life must not begin past the two thirds at which it is renewed. */
    private static final int BACKDATED_BY_A = 10;

    private static final int SERIAL_BYTES = 16;

    private final KeyPair pair;
    private final X509Certificate certificate;

    private NodeCertificateAuthority(KeyPair pair, X509Certificate certificate) {
        this.pair = pair;
        this.certificate = certificate;
    }

    public static NodeCertificateAuthority create(SecureRandom random, Instant now, Duration lifetime) {
        KeyPair pair = EllipticCurve.newPair(random);
        byte[] keyIdentifier = EllipticCurve.keyIdentifier(pair.getPublic());
        // Named after its key, so that two authorities are never taken for one.
        X500Name name = NodeSubject.distinguishedName(
                "trusted-launch-ca-" + HexFormat.of().formatHex(keyIdentifier, 0, 4));
        try {
            X509v3CertificateBuilder builder = builder(name, name, pair.getPublic(), random, now, now.plus(lifetime))
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(Extension.subjectKeyIdentifier, false, subjectKey(pair.getPublic()));
            return new NodeCertificateAuthority(pair, sign(builder, pair, random));
        } catch (CertIOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    /** @throws IllegalArgumentException if either is malformed, or they do not belong together */
    public static NodeCertificateAuthority fromPem(String keyPem, String certificatePem) {
        KeyPair pair = NodeKeyPair.pairFromPem(keyPem);
        X509Certificate certificate = Certificates.fromPem(certificatePem);
        if (!Arrays.equals(
                pair.getPublic().getEncoded(), certificate.getPublicKey().getEncoded())) {
            throw new IllegalArgumentException("the authority's certificate is not of its key");
        }
        return new NodeCertificateAuthority(pair, certificate);
    }

    /** For the Secret that keeps it, for nothing else. */
    public String keyPem() {
        return PemBlock.write(PemBlock.PRIVATE_KEY, pair.getPrivate().getEncoded());
    }

    public String certificatePem() {
        return Certificates.toPem(certificate);
    }

    public NodeCertificateVerifier verifier() {
        return new NodeCertificateVerifier(certificate);
    }

    public boolean isValidAt(Instant time) {
        return Certificates.isValidAt(certificate, time);
    }

    /** A certificate never outlives its authority. */
    public X509Certificate issue(
            CertificateRequest request,
            NodeSubject subject,
            CertificatePurpose purpose,
            Instant now,
            Duration lifetime,
            SecureRandom random) {
        PublicKey key = request.publicKey();
        Instant end = now.plus(lifetime);
        Instant authorityEnd = certificate.getNotAfter().toInstant();
        X500Name issuer = Certificates.subjectOf(certificate);
        Instant notAfter = end.isBefore(authorityEnd) ? end : authorityEnd;
        try {
            X509v3CertificateBuilder builder = builder(issuer, subject.distinguishedName(), key, random, now, notAfter)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, purpose.keyUsage())
                    .addExtension(Extension.extendedKeyUsage, true, purpose.extendedKeyUsage())
                    .addExtension(Extension.subjectAlternativeName, false, subject.alternativeNames())
                    .addExtension(Extension.subjectKeyIdentifier, false, subjectKey(key))
                    .addExtension(Extension.authorityKeyIdentifier, false, authorityKey(pair.getPublic()));
            return sign(builder, pair, random);
        } catch (CertIOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, SecureRandom random, Instant now, Instant notAfter) {
        Duration backdated = Duration.between(now, notAfter).dividedBy(BACKDATED_BY_A);
        if (backdated.compareTo(BACKDATED_AT_MOST) > 0) {
            backdated = BACKDATED_AT_MOST;
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

    private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair pair, SecureRandom random) {
        try {
            return Certificates.fromHolder(builder.build(new JcaContentSignerBuilder(EllipticCurve.SIGNATURE)
                    .setProvider(EllipticCurve.PROVIDER)
                    .setSecureRandom(random)
                    .build(pair.getPrivate())));
        } catch (OperatorCreationException e) {
            throw new IllegalStateException("signing a certificate failed", e);
        }
    }

    private static SubjectKeyIdentifier subjectKey(PublicKey key) {
        return new SubjectKeyIdentifier(EllipticCurve.keyIdentifier(key));
    }

    private static AuthorityKeyIdentifier authorityKey(PublicKey key) {
        return new AuthorityKeyIdentifier(EllipticCurve.keyIdentifier(key));
    }
}
