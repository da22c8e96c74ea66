package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.jce.ECNamedCurveTable;

/** The supported curves: P-256 for all keys that are made here, and P-384 for recovery keys of users. */
enum NamedCurve {
    P_256("secp256r1", SECObjectIdentifiers.secp256r1, 32),
    P_384("secp384r1", SECObjectIdentifiers.secp384r1, 48);

    private static final byte UNCOMPRESSED = 4;

    private final String curveName;
    private final AlgorithmIdentifier algorithm;
    private final int coordinateBytes;

    NamedCurve(String curveName, ASN1ObjectIdentifier identifier, int coordinateBytes) {
        this.curveName = curveName;
        this.algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, identifier);
        this.coordinateBytes = coordinateBytes;
    }

    /** Empty for any other curve, and for a curve given by its parameters. */
    static Optional<NamedCurve> of(AlgorithmIdentifier algorithm) {
        return Arrays.stream(values())
                .filter(curve -> curve.algorithm.equals(algorithm))
                .findFirst();
    }

    AlgorithmIdentifier algorithm() {
        return algorithm;
    }

    KeyPair newPair(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", EllipticCurve.PROVIDER);
            generator.initialize(new ECGenParameterSpec(curveName), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(curveName + " is not available", e);
        }
    }

    /** Computed, not read from a file, where it may be missing or belong to another key. */
    PublicKey publicHalf(ECPrivateKey privateKey) throws GeneralSecurityException {
        var curve = ECNamedCurveTable.getParameterSpec(curveName);
        return publicKey(curve.getG().multiply(privateKey.getS()).normalize().getEncoded(false));
    }

    /** @throws GeneralSecurityException if the point is not on the curve */
    PublicKey publicKey(byte[] point) throws GeneralSecurityException {
        try {
            return KeyFactory.getInstance("EC", EllipticCurve.PROVIDER)
                    .generatePublic(new X509EncodedKeySpec(new SubjectPublicKeyInfo(algorithm, point).getEncoded()));
        } catch (IOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    /** One point can be written in several ways, and a bit string can end within a byte. */
    byte[] point(ASN1BitString found) throws IOException {
        byte[] bytes = found.getBytes();
        if (found.getPadBits() != 0 || bytes.length != 1 + 2 * coordinateBytes || bytes[0] != UNCOMPRESSED) {
            throw new IOException("not an uncompressed point");
        }
        return bytes;
    }
}
