package io.trustedlaunch.custody;

import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Optional;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * The certificate that protection keys are escrowed to. The holder of its private key, which is not in the cluster, can
 * recover VMs when all else is lost. It is trusted because it is configured: its issuer does not matter.
 */
public final class RecoveryCertificate {
    /** 128 bits of security, as the other algorithms have. */
    private static final int LEAST_RSA_BITS = 3072;

    private static final int KEY_ENCIPHERMENT = 2;
    private static final int KEY_AGREEMENT = 4;

    private final X509Certificate certificate;

    private RecoveryCertificate(X509Certificate certificate) {
        this.certificate = certificate;
    }

    /**
     * Accepts an expired certificate, too: only its key matters.
     *
     * @throws IllegalArgumentException if it cannot be used; its message is a clause with the file as its subject
     */
    public static RecoveryCertificate fromPem(String pem) {
        if (pem.contains(PemBlock.PRIVATE_KEY)) {
            throw new IllegalArgumentException("holds a private key, which must not be in the cluster: treat that"
                    + " key as lost, make another pair, and give its certificate alone");
        }
        X509Certificate certificate;
        try {
            certificate = Certificates.fromPem(pem);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is not one certificate in PEM: " + e.getMessage(), e);
        }
        Optional<String> unfit = unfitness(certificate.getPublicKey());
        if (unfit.isPresent()) {
            throw new IllegalArgumentException("is for " + unfit.get());
        }
        boolean rsa = certificate.getPublicKey() instanceof RSAPublicKey;
        boolean[] usage = certificate.getKeyUsage();
        if (usage != null && !usage[rsa ? KEY_ENCIPHERMENT : KEY_AGREEMENT]) {
            throw new IllegalArgumentException(
                    "does not allow " + (rsa ? "keyEncipherment" : "keyAgreement") + " in its keyUsage");
        }
        return new RecoveryCertificate(certificate);
    }

    /** Describes a key that must not be used for escrow; empty if it may be used. */
    static Optional<String> unfitness(PublicKey key) {
        String fit = "RSA of " + LEAST_RSA_BITS + " bits or more, P-256 or P-384";
        if (key instanceof RSAPublicKey rsa) {
            int bits = rsa.getModulus().bitLength();
            return bits >= LEAST_RSA_BITS
                    ? Optional.empty()
                    : Optional.of("an RSA key of " + bits + " bits, and not for " + fit);
        }
        return NamedCurve.of(SubjectPublicKeyInfo.getInstance(key.getEncoded()).getAlgorithm())
                        .isPresent()
                ? Optional.empty()
                : Optional.of("a key of another kind than " + fit);
    }

    public boolean isValidAt(Instant time) {
        return Certificates.isValidAt(certificate, time);
    }

    /** The content, sealed for the certificate's private key: see {@link RecoveryMessage}. */
    public byte[] seal(byte[] content, SecureRandom random) {
        return RecoveryMessage.seal(content, certificate.getPublicKey(), random);
    }

    /** Short and loggable; the same as {@link RecoveryKey#keyId} of the private key. */
    public String keyId() {
        return RecoveryKey.keyId(EllipticCurve.keyIdentifier(certificate.getPublicKey()));
    }

    @Override
    public String toString() {
        return "RecoveryCertificate[" + keyId() + ", " + certificate.getSubjectX500Principal() + ", until "
                + certificate.getNotAfter().toInstant() + "]";
    }
}
