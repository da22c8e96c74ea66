package io.trustedlaunch.custody;

import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;

/** Issues the nodes' certificates. The caller has to know which node a request comes from. */
public final class NodeCertificateAuthority extends CertificateAuthority {
    private NodeCertificateAuthority(SigningPair signer) {
        super(signer);
    }

    /** @param name one of {@link PublishedAuthority} */
    public static NodeCertificateAuthority create(String name, SecureRandom random, Instant now, Duration lifetime) {
        return new NodeCertificateAuthority(SigningPair.create(name, now, now.plus(lifetime), random));
    }

    /** @throws IllegalArgumentException if either is malformed, or they do not belong together */
    public static NodeCertificateAuthority fromPem(String keyPem, String certificatePem) {
        return new NodeCertificateAuthority(SigningPair.fromPem(keyPem, certificatePem));
    }

    public NodeCertificateVerifier verifier() {
        return new NodeCertificateVerifier(signer.certificate());
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
        try {
            X509v3CertificateBuilder builder = signer.builder(
                            subject.distinguishedName(), key, now, now.plus(lifetime), random)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, purpose.keyUsage())
                    .addExtension(Extension.extendedKeyUsage, true, purpose.extendedKeyUsage())
                    .addExtension(Extension.subjectAlternativeName, false, subject.alternativeNames())
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            new SubjectKeyIdentifier(EllipticCurve.keyIdentifier(key)));
            return signer.sign(builder, random);
        } catch (CertIOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }
}
