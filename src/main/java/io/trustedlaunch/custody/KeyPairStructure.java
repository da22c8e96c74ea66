package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;

/**
 * The variable parts of a message for the owner of one key pair; {@link AuthenticatedContent} says why there is
 * only one form.
 */
record KeyPairStructure(WrappedContentKey key, AuthenticatedContent content) {
    /** The message in DER; different each time, as each has a content key and a nonce of its own. */
    static byte[] seal(byte[] content, PublicKey recipient, SecureRandom random) {
        byte[] contentKey = new byte[AuthenticatedContent.KEY_BYTES];
        random.nextBytes(contentKey);
        try {
            return new KeyPairStructure(
                            WrappedContentKey.wrap(contentKey, recipient, random),
                            AuthenticatedContent.encrypt(content, contentKey, random))
                    .encoded();
        } catch (IOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        } finally {
            Arrays.fill(contentKey, (byte) 0);
        }
    }

    /** @throws IOException, or an unchecked exception of BouncyCastle, for anything that is not written here */
    static KeyPairStructure parse(byte[] message) throws IOException {
        AuthEnvelopedData found =
                AuthEnvelopedData.getInstance(ContentInfo.getInstance(message).getContent());
        KeyPairStructure structure = new KeyPairStructure(
                WrappedContentKey.parse(
                        RecipientInfo.getInstance(found.getRecipientInfos().getObjectAt(0))),
                AuthenticatedContent.in(found));
        if (!Arrays.equals(structure.encoded(), message)) {
            throw new IOException("not in the one encoding");
        }
        return structure;
    }

    private byte[] encoded() throws IOException {
        return content.encodedFor(key.recipient());
    }
}
