package io.trustedlaunch.custody;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * The public half of a key that signs catalogs, as {@code cosign sign-blob --key} does: over the SHA-256 of the bytes,
 * ECDSA as ASN.1 or RSA by PKCS #1 v1.5, in base64.
 */
public final class CatalogSigner {
    static final String PUBLIC_KEY = "PUBLIC KEY";

    private static final int LEAST_RSA_BITS = 2048;

    /** Limit in characters of base64: more than a signature of any RSA key in use has. */
    private static final int MAX_SIGNATURE = 4096;

    private final PublicKey key;
    private final String algorithm;

    private CatalogSigner(PublicKey key, String algorithm) {
        this.key = key;
        this.algorithm = algorithm;
    }

    /** @throws IllegalArgumentException if the key cannot be used; the message is a clause whose subject is the key */
    public static CatalogSigner fromPem(String pem) {
        if (pem.contains(PemBlock.PRIVATE_KEY)) {
            throw new IllegalArgumentException("holds a private key, which must not be in the cluster: treat it as"
                    + " lost, make another pair, and give its public key alone");
        }
        byte[] encoded;
        SubjectPublicKeyInfo info;
        try {
            encoded = PemBlock.read(PUBLIC_KEY, pem);
            info = SubjectPublicKeyInfo.getInstance(encoded);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is not one public key in PEM: " + e.getMessage(), e);
        }
        try {
            return of(info, new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("is not a key that can be used", e);
        }
    }

    private static CatalogSigner of(SubjectPublicKeyInfo info, X509EncodedKeySpec spec)
            throws GeneralSecurityException {
        if (NamedCurve.of(info.getAlgorithm()).equals(Optional.of(NamedCurve.P_256))) {
            return new CatalogSigner(KeyFactory.getInstance("EC").generatePublic(spec), "SHA256withECDSA");
        }
        if (PKCSObjectIdentifiers.rsaEncryption.equals(info.getAlgorithm().getAlgorithm())) {
            RSAPublicKey rsa = (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(spec);
            if (rsa.getModulus().bitLength() < LEAST_RSA_BITS) {
                throw new IllegalArgumentException("is an RSA key of "
                        + rsa.getModulus().bitLength() + " bits, and " + LEAST_RSA_BITS + " are the least");
            }
            return new CatalogSigner(rsa, "SHA256withRSA");
        }
        throw new IllegalArgumentException("is neither for P-256 nor for RSA");
    }

    /** The signature's bytes; empty if the text is not base64. Line breaks are ignored. */
    public static Optional<byte[]> decode(String signature) {
        if (signature.length() > MAX_SIGNATURE) {
            return Optional.empty();
        }
        try {
            byte[] decoded = Base64.getDecoder().decode(signature.replaceAll("[ \t\r\n]", ""));
            return decoded.length == 0 ? Optional.empty() : Optional.of(decoded);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public boolean signed(byte[] content, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(content);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            // It does not have the form of a signature.
            return false;
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK verifies " + algorithm, e);
        }
    }

    /** Short, for people. */
    public String keyId() {
        return RecoveryKey.keyId(EllipticCurve.keyIdentifier(key));
    }
}
