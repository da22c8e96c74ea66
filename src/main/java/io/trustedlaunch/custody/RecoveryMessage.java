package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;

/**
 * Content for the owner of a recovery key: CMS AuthEnvelopedData, AES-256-GCM with a key of its own, which is wrapped by
 * RSA-OAEP or ECDH. {@code openssl cms -decrypt -inkey} opens it.
 *
 * <p>The recipient is named by its public key, not by its certificate, which may be renewed, or lost with the cluster.
 * That name is protected by nothing, so that it is believed only where the content key does not unwrap.
 */
final class RecoveryMessage {
    private RecoveryMessage() {}

    /** In DER. */
    static byte[] seal(byte[] content, PublicKey recipient, SecureRandom random) {
        byte[] contentKey = new byte[AuthenticatedContent.KEY_BYTES];
        random.nextBytes(contentKey);
        try {
            return AuthenticatedContent.encrypt(content, contentKey, random)
                    .encodedFor(WrappedContentKey.wrap(contentKey, recipient, random)
                            .recipient());
        } catch (IOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        } finally {
            Arrays.fill(contentKey, (byte) 0);
        }
    }

    /** Never throws for what the message holds. Its caller limits its length. */
    static Unsealing open(byte[] message, RecoveryKey key) {
        Optional<Unsealing> malformed = MessageLength.faultOf(message);
        if (malformed.isPresent()) {
            return malformed.get();
        }
        try {
            AuthEnvelopedData found = AuthEnvelopedData.getInstance(
                    ContentInfo.getInstance(message).getContent());
            AuthenticatedContent content = AuthenticatedContent.in(found);
            WrappedContentKey wrapped = WrappedContentKey.parse(
                    RecipientInfo.getInstance(found.getRecipientInfos().getObjectAt(0)));
            return Arrays.equals(content.encodedFor(wrapped.recipient()), message)
                    ? open(wrapped, content, key)
                    : notSealed("it is not in the one encoding");
        } catch (IOException | RuntimeException e) {
            // BouncyCastle tells malformed input by several unchecked exceptions.
            return notSealed(e.getClass().getSimpleName());
        }
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

    private static Unsealing notSealed(String why) {
        return new Unsealing.Refused(SealFault.NOT_SEALED, "it has not the form of a sealed key (" + why + ")");
    }
}
