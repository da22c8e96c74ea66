package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/**
 * Content for the owner of a recovery key: CMS AuthEnvelopedData, AES-256-GCM with a key of its own, wrapped by
 * RSA-OAEP or ECDH. {@code openssl cms -decrypt -inkey} opens it.
 *
 * <p>The recipient is named by its public key, not by its certificate, which may be renewed, or lost with the cluster.
 * That name is not protected, so it counts only where the content key does not unwrap.
 */
final class RecoveryMessage {
    private RecoveryMessage() {}

    static byte[] seal(byte[] content, PublicKey recipient, SecureRandom random) {
        return KeyPairStructure.seal(content, recipient, random);
    }

    /** Never throws because of the message's content. The caller limits its length. */
    static Unsealing open(byte[] message, RecoveryKey key) {
        Optional<Unsealing> malformed = MessageLength.faultOf(message);
        if (malformed.isPresent()) {
            return malformed.get();
        }
        KeyPairStructure structure;
        try {
            structure = KeyPairStructure.parse(message);
        } catch (IOException | RuntimeException e) {
            // BouncyCastle reports malformed input by several unchecked exceptions.
            return new Unsealing.Refused(
                    SealFault.NOT_SEALED,
                    "it does not have the form of a sealed key (" + e.getClass().getSimpleName() + ")");
        }
        return open(structure.key(), structure.content(), key);
    }

    private static Unsealing open(WrappedContentKey wrapped, AuthenticatedContent content, RecoveryKey key) {
        boolean named = Arrays.equals(wrapped.keyIdentifier(), key.keyIdentifier());
        byte[] contentKey;
        try {
            contentKey = wrapped.unwrap(key.privateKey());
        } catch (GeneralSecurityException | RuntimeException e) {
            return named
                    ? new Unsealing.Refused(SealFault.WRAPPED_KEY_ALTERED, "the wrapped key in it was altered")
                    : new Unsealing.Refused(
                            SealFault.OTHER_KEY,
                            "it was sealed for the recovery key " + RecoveryKey.keyId(wrapped.keyIdentifier())
                                    + ", and this is " + key.keyId());
        }
        if (!named) {
            return new Unsealing.Refused(
                    SealFault.LABEL_ALTERED, "it names another recovery key, but was sealed for this one");
        }
        try {
            return new Unsealing.Unsealed(content.decrypt(contentKey));
        } catch (GeneralSecurityException e) {
            return new Unsealing.Refused(SealFault.CONTENT_ALTERED, "its content was altered since it was sealed");
        } finally {
            Arrays.fill(contentKey, (byte) 0);
        }
    }
}
