package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Content under a {@link GuestStateKey}: CMS AuthEnvelopedData, AES-256-GCM with a key of its own, which is wrapped by
 * the VM's (RFC 3394). {@code openssl cms -decrypt -secretkey} opens it.
 *
 * <p>The key's identifier is in the clear and nothing protects it. So it is believed only where the content key does not
 * unwrap: a message whose content key does is of this VM under this key, whatever its label says.
 */
public final class KeyWrappedMessage {
    /** What a message has beside its content, at most. */
    public static final int OVERHEAD_BYTES = 512;

    private static final int CONTENT_KEY_BYTES = 32;

    private KeyWrappedMessage() {}

    /** The message in DER; different each time, for each has a content key and a nonce of its own. */
    public static byte[] seal(byte[] content, GuestStateKey key, SecureRandom random) {
        byte[] contentKey = new byte[CONTENT_KEY_BYTES];
        byte[] nonce = new byte[AuthenticatedContent.NONCE_BYTES];
        random.nextBytes(contentKey);
        random.nextBytes(nonce);
        try {
            byte[] sealed = gcm(Cipher.ENCRYPT_MODE, contentKey, nonce).doFinal(content);
            return new KeyWrappedStructure(
                            key.identifier(),
                            wrapping(Cipher.WRAP_MODE, key).wrap(aes(contentKey)),
                            AuthenticatedContent.split(nonce, sealed))
                    .encoded();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("sealing under " + key + " failed", e);
        } finally {
            Arrays.fill(contentKey, (byte) 0);
        }
    }

    /** Never throws for what the message holds. Its caller limits its length. */
    public static Unsealing open(byte[] message, GuestStateKey key) {
        Optional<Unsealing> malformed = MessageLength.faultOf(message);
        if (malformed.isPresent()) {
            return malformed.get();
        }
        KeyWrappedStructure structure;
        try {
            structure = KeyWrappedStructure.parse(message);
        } catch (IOException | RuntimeException e) {
            // BouncyCastle tells malformed input by several unchecked exceptions.
            return new Unsealing.Refused(
                    SealFault.NOT_SEALED, "it has not the form of a sealed state (" + nameOf(e) + ")");
        }
        return open(structure, key);
    }

    private static Unsealing open(KeyWrappedStructure structure, GuestStateKey key) {
        Optional<Unsealing> label = SealLabel.difference(structure.identifier(), key);
        Key contentKey;
        try {
            contentKey = wrapping(Cipher.UNWRAP_MODE, key).unwrap(structure.wrappedKey(), "AES", Cipher.SECRET_KEY);
        } catch (GeneralSecurityException e) {
            return label.orElse(new Unsealing.Refused(
                    SealFault.WRAPPED_KEY_ALTERED, "the wrapped key in it was altered (" + nameOf(e) + ")"));
        }
        if (label.isPresent()) {
            return new Unsealing.Refused(
                    SealFault.LABEL_ALTERED,
                    "it names another VM or key, but is this VM's under this key: its label was altered");
        }
        byte[] bytes = contentKey.getEncoded();
        try {
            AuthenticatedContent content = structure.content();
            return new Unsealing.Unsealed(
                    gcm(Cipher.DECRYPT_MODE, bytes, content.nonce()).doFinal(content.joined()));
        } catch (GeneralSecurityException e) {
            return new Unsealing.Refused(
                    SealFault.CONTENT_ALTERED, "its content was altered since it was sealed (" + nameOf(e) + ")");
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static Cipher gcm(int mode, byte[] contentKey, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", EllipticCurve.PROVIDER);
        cipher.init(mode, aes(contentKey), new GCMParameterSpec(AuthenticatedContent.TAG_BYTES * Byte.SIZE, nonce));
        return cipher;
    }

    private static Cipher wrapping(int mode, GuestStateKey key) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AESWrap", EllipticCurve.PROVIDER);
        cipher.init(mode, aes(key.bytes()));
        return cipher;
    }

    private static SecretKeySpec aes(byte[] key) {
        return new SecretKeySpec(key, "AES");
    }

    /** Not its message, which may quote the input. */
    private static String nameOf(Exception e) {
        return e.getClass().getSimpleName();
    }
}
