package io.trustedlaunch.custody;

import java.security.KeyPair;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** P-256, the curve of all keys that are made here, and its provider. */
final class EllipticCurve {
    /** Passed to each builder: registering it globally would change the providers of other code. */
    static final Provider PROVIDER = new BouncyCastleProvider();

    static final AlgorithmIdentifier ALGORITHM = NamedCurve.P_256.algorithm();
    static final String SIGNATURE = "SHA256withECDSA";

    private static final int KEY_IDENTIFIER_BYTES = 20;

    private EllipticCurve() {}

    static KeyPair newPair(SecureRandom random) {
        return NamedCurve.P_256.newPair(random);
    }

    static boolean isOurs(SubjectPublicKeyInfo key) {
        return ALGORITHM.equals(key.getAlgorithm());
    }

    /** Identifies a public key, so that it survives the renewal of a certificate (RFC 7093, method 4). */
    static byte[] keyIdentifier(PublicKey key) {
        byte[] encoded = key.getEncoded();
        SHA256Digest digest = new SHA256Digest();
        digest.update(encoded, 0, encoded.length);
        byte[] hash = new byte[digest.getDigestSize()];
        digest.doFinal(hash, 0);
        return Arrays.copyOf(hash, KEY_IDENTIFIER_BYTES);
    }
}
