package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import org.bouncycastle.asn1.cms.KeyAgreeRecipientInfo;
import org.bouncycastle.asn1.cms.KeyTransRecipientInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;

/** The key of a message's content, as only the owner of one key pair can unwrap it; the pair is named by its public half. */
sealed interface WrappedContentKey permits TransportedKey, AgreedKey {
    /** In the clear, and protected by nothing. */
    byte[] keyIdentifier();

    /** The one form in which it stands in a message. */
    RecipientInfo recipient();

    /** @throws GeneralSecurityException if it was not wrapped for this key, or was altered */
    byte[] unwrap(PrivateKey key) throws GeneralSecurityException;

    /** For a key that {@link RecoveryCertificate} lets pass. */
    static WrappedContentKey wrap(byte[] contentKey, PublicKey recipient, SecureRandom random) {
        return switch (recipient) {
            case RSAPublicKey rsa -> TransportedKey.wrap(contentKey, rsa, random);
            case ECPublicKey ec -> AgreedKey.wrap(contentKey, ec, random);
            default -> throw new IllegalArgumentException("no key pair of a recipient is " + recipient.getAlgorithm());
        };
    }

    /** @throws IOException, or an unchecked exception of BouncyCastle, where the parts are not what is written here */
    static WrappedContentKey parse(RecipientInfo found) throws IOException {
        return switch (found.getInfo()) {
            case KeyTransRecipientInfo transported -> TransportedKey.parse(transported);
            case KeyAgreeRecipientInfo agreed -> AgreedKey.parse(agreed);
            default -> throw new IOException("a recipient of another kind");
        };
    }
}
