package io.trustedlaunch.custody;

import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.HexFormat;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;

/** The private key of a {@link RecoveryCertificate}: only the person who recovers VMs has it. */
public final class RecoveryKey {
    private final PrivateKey privateKey;
    private final byte[] keyIdentifier;

    private RecoveryKey(PrivateKey privateKey, PublicKey publicKey) {
        this.privateKey = privateKey;
        this.keyIdentifier = EllipticCurve.keyIdentifier(publicKey);
    }

    /** Whether a password is needed. */
    public static boolean isEncrypted(String pem) {
        return pem.contains("ENCRYPTED");
    }

    /**
     * A key as openssl writes it, in PKCS#8 or in the older forms.
     *
     * @param password ignored if the key is not encrypted
     * @throws IllegalArgumentException if it cannot be used; the message does not quote it
     */
    public static RecoveryKey fromPem(String pem, Optional<char[]> password) {
        PrivateKey privateKey = privateKey(pem, password);
        PublicKey publicKey;
        try {
            publicKey = publicHalf(privateKey);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "its public half cannot be computed (" + e.getClass().getSimpleName() + ")");
        }
        RecoveryCertificate.unfitness(publicKey).ifPresent(unfit -> {
            throw new IllegalArgumentException("it is " + unfit);
        });
        return new RecoveryKey(privateKey, publicKey);
    }

    private static PrivateKey privateKey(String pem, Optional<char[]> password) {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
                Optional<PrivateKeyInfo> key = keyIn(block, password);
                if (key.isPresent()) {
                    return new JcaPEMKeyConverter()
                            .setProvider(EllipticCurve.PROVIDER)
                            .getPrivateKey(key.get());
                }
            }
        } catch (PKCSException e) {
            throw new IllegalArgumentException("the password does not open it");
        } catch (IOException | OperatorCreationException | RuntimeException e) {
            if (e instanceof IllegalArgumentException known && known.getCause() == null) {
                throw known;
            }
            throw new IllegalArgumentException(
                    isEncrypted(pem) && password.isPresent()
                            ? "the password does not open it, or it is damaged"
                            : "it is damaged (" + e.getClass().getSimpleName() + ")");
        }
        throw new IllegalArgumentException("it holds no private key in PEM");
    }

    /** Empty for blocks that may precede a key, such as the parameters of its curve. */
    private static Optional<PrivateKeyInfo> keyIn(Object block, Optional<char[]> password)
            throws IOException, OperatorCreationException, PKCSException {
        return switch (block) {
            case PrivateKeyInfo key -> Optional.of(key);
            case PEMKeyPair pair -> Optional.of(pair.getPrivateKeyInfo());
            case PKCS8EncryptedPrivateKeyInfo key ->
                Optional.of(key.decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder()
                        .setProvider(EllipticCurve.PROVIDER)
                        .build(required(password))));
            case PEMEncryptedKeyPair pair ->
                Optional.of(pair.decryptKeyPair(new JcePEMDecryptorProviderBuilder()
                                .setProvider(EllipticCurve.PROVIDER)
                                .build(required(password)))
                        .getPrivateKeyInfo());
            default -> Optional.empty();
        };
    }

    private static char[] required(Optional<char[]> password) {
        return password.orElseThrow(() -> new IllegalArgumentException("it is encrypted, and there is no password"));
    }

    private static PublicKey publicHalf(PrivateKey key) throws GeneralSecurityException {
        return switch (key) {
            case RSAPrivateCrtKey rsa ->
                KeyFactory.getInstance("RSA", EllipticCurve.PROVIDER)
                        .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
            case ECPrivateKey ec ->
                NamedCurve.of(PrivateKeyInfo.getInstance(ec.getEncoded()).getPrivateKeyAlgorithm())
                        .orElseThrow(() -> new GeneralSecurityException("unsupported curve"))
                        .publicHalf(ec);
            default -> throw new GeneralSecurityException("unsupported kind of key");
        };
    }

    /** Opens a message of {@link RecoveryCertificate#seal}. Never throws because of the message's content. */
    public Unsealing open(byte[] message) {
        return RecoveryMessage.open(message, this);
    }

    /** Short and loggable: identifies the public key. */
    public String keyId() {
        return keyId(keyIdentifier);
    }

    static String keyId(byte[] keyIdentifier) {
        return HexFormat.of().formatHex(keyIdentifier, 0, Math.min(8, keyIdentifier.length));
    }

    byte[] keyIdentifier() {
        return keyIdentifier;
    }

    PrivateKey privateKey() {
        return privateKey;
    }

    @Override
    public String toString() {
        return "RecoveryKey[" + keyId() + "]";
    }
}
