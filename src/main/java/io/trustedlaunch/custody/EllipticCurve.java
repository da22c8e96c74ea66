package io.trustedlaunch.custody;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** P-256, the only curve here, and the provider that computes on it. */
final class EllipticCurve {
    /** Passed to each builder by hand: registered globally, it would change what others' code gets. */
    static final Provider PROVIDER = new BouncyCastleProvider();

    static final AlgorithmIdentifier ALGORITHM =
            new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp256r1);
    static final String SIGNATURE = "SHA256withECDSA";

    private static final int KEY_IDENTIFIER_BYTES = 20;

    private EllipticCurve() {}

    static KeyPair newPair(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", PROVIDER);
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("P-256 is not available", e);
        }
    }

    static boolean isOurs(SubjectPublicKeyInfo key) {
        return ALGORITHM.equals(key.getAlgorithm());
    }

    /** Names a public key, not a certificate: it stays when a certificate is renewed (RFC 7093, method 4). */
    static byte[] keyIdentifier(PublicKey key) {
        byte[] encoded = key.getEncoded();
        SHA256Digest digest = new SHA256Digest();
        digest.update(encoded, 0, encoded.length);
        byte[] hash = new byte[digest.getDigestSize()];
        digest.doFinal(hash, 0);
        return Arrays.copyOf(hash, KEY_IDENTIFIER_BYTES);
    }
}
