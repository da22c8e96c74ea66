package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/**
 * Content under a {@link KeyEncryptionKey}: CMS AuthEnvelopedData, AES-256-GCM with a key of its own, which is wrapped by
 * the VM's (RFC 3394). {@code openssl cms -decrypt -secretkey} opens it.
 *
 * <p>The key's identifier is in the clear and not protected. So it counts only where the content key does not unwrap: a
 * message whose content key unwraps belongs to this VM and this key.
 */
public final class KeyWrappedMessage {
    /** The most bytes that a message has beside its content. */
    public static final int OVERHEAD_BYTES = 512;

    private KeyWrappedMessage() {}

    /** The message in DER; different each time, as each has a content key and a nonce of its own. */
    public static byte[] seal(byte[] content, KeyEncryptionKey key, SecureRandom random) {
        byte[] contentKey = new byte[AuthenticatedContent.KEY_BYTES];
        random.nextBytes(contentKey);
        try {
            return new KeyWrappedStructure(
                            key.identifier(),
                            KeyWrap.wrap(contentKey, key.bytes()),
                            AuthenticatedContent.encrypt(content, contentKey, random))
                    .encoded();
        } catch (IOException e) {
            throw new IllegalStateException("sealing under " + key + " failed", e);
        } finally {
            Arrays.fill(contentKey, (byte) 0);
        }
    }

    /** Never throws because of the message's content. The caller limits its length. */
    public static Unsealing open(byte[] message, KeyEncryptionKey key) {
        Optional<Unsealing> malformed = MessageLength.faultOf(message);
        if (malformed.isPresent()) {
            return malformed.get();
        }
        KeyWrappedStructure structure;
        try {
            structure = KeyWrappedStructure.parse(message);
        } catch (IOException | RuntimeException e) {
            // BouncyCastle reports malformed input by several unchecked exceptions.
            return new Unsealing.Refused(
                    SealFault.NOT_SEALED, "it does not have the form of a sealed file (" + nameOf(e) + ")");
        }
        return open(structure, key);
    }

    private static Unsealing open(KeyWrappedStructure structure, KeyEncryptionKey key) {
        Optional<Unsealing> label = SealLabel.difference(structure.identifier(), key);
        byte[] contentKey;
        try {
            contentKey = KeyWrap.unwrap(structure.wrappedKey(), key.bytes());
        } catch (GeneralSecurityException e) {
            return label.orElse(new Unsealing.Refused(
                    SealFault.WRAPPED_KEY_ALTERED, "the wrapped key in it was altered (" + nameOf(e) + ")"));
        }
        if (label.isPresent()) {
            return new Unsealing.Refused(
                    SealFault.LABEL_ALTERED,
                    "it names another VM or key, but was sealed for this VM under this key: its label was altered");
        }
        try {
            return new Unsealing.Unsealed(structure.content().decrypt(contentKey));
        } catch (GeneralSecurityException e) {
            return new Unsealing.Refused(
                    SealFault.CONTENT_ALTERED, "its content was altered since it was sealed (" + nameOf(e) + ")");
        } finally {
            Arrays.fill(contentKey, (byte) 0);
        }
    }

    /** Not the message, which may quote the input. */
    private static String nameOf(Exception e) {
        return e.getClass().getSimpleName();
    }
}
