package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A key pair on P-256 that is made on a host and never leaves it. */
public final class NodeKeyPair {
    private final KeyPair pair;

    private NodeKeyPair(KeyPair pair) {
        this.pair = pair;
    }

    public static NodeKeyPair generate(SecureRandom random) {
        return new NodeKeyPair(EllipticCurve.newPair(random));
    }

    /** @throws IllegalArgumentException if it is not a PKCS#8 private key on P-256 */
    public static NodeKeyPair fromPem(String pem) {
        return new NodeKeyPair(pairFromPem(pem));
    }

    /** The private key in PKCS#8, for a file that only root can read. */
    public String toPem() {
        return PemBlock.write(PemBlock.PRIVATE_KEY, pair.getPrivate().getEncoded());
    }

    /** A PKCS#10 request in PEM. Its subject is a placeholder: the authority uses only the key. */
    public String certificateRequest(SecureRandom random) {
        try {
            byte[] request = new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=node"), pair.getPublic())
                    .build(new JcaContentSignerBuilder(EllipticCurve.SIGNATURE)
                            .setProvider(EllipticCurve.PROVIDER)
                            .setSecureRandom(random)
                            .build(pair.getPrivate()))
                    .getEncoded();
            return PemBlock.write(PemBlock.CERTIFICATE_REQUEST, request);
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("signing a certificate request failed", e);
        }
    }

    public boolean isCertifiedBy(X509Certificate certificate) {
        return matches(certificate.getPublicKey());
    }

    public boolean isRequestedBy(CertificateRequest request) {
        return matches(request.publicKey());
    }

    /** Short, loggable, of the public half. */
    public String keyId() {
        return HexFormat.of().formatHex(EllipticCurve.keyIdentifier(pair.getPublic()), 0, 8);
    }

    PublicKey publicKey() {
        return pair.getPublic();
    }

    PrivateKey privateKey() {
        return pair.getPrivate();
    }

    static KeyPair pairFromPem(String pem) {
        try {
            PrivateKeyInfo info = PrivateKeyInfo.getInstance(PemBlock.read(PemBlock.PRIVATE_KEY, pem));
            if (!EllipticCurve.ALGORITHM.equals(info.getPrivateKeyAlgorithm())) {
                throw new IllegalArgumentException("not a private key on P-256");
            }
            KeyFactory factory = KeyFactory.getInstance("EC", EllipticCurve.PROVIDER);
            PrivateKey privateKey = factory.generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
            return new KeyPair(NamedCurve.P_256.publicHalf((ECPrivateKey) privateKey), privateKey);
        } catch (IOException | GeneralSecurityException | ClassCastException e) {
            throw new IllegalArgumentException(
                    "malformed private key (" + e.getClass().getSimpleName() + ")");
        }
    }

    private boolean matches(PublicKey other) {
        return Arrays.equals(pair.getPublic().getEncoded(), other.getEncoded());
    }

    @Override
    public String toString() {
        return "NodeKeyPair[" + keyId() + "]";
    }
}
