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

/** The key of a message's content, wrapped for the owner of one key pair, which is named by its public key. */
sealed interface WrappedContentKey permits TransportedKey, AgreedKey {
    /** The part that is in the clear and not protected. */
    byte[] keyIdentifier();

    /** Its one form in a message. */
    RecipientInfo recipient();

    /** @throws GeneralSecurityException if it was wrapped for another key, or altered */
    byte[] unwrap(PrivateKey key) throws GeneralSecurityException;

    /** @param recipient an RSA key, or one on a {@link NamedCurve} */
    static WrappedContentKey wrap(byte[] contentKey, PublicKey recipient, SecureRandom random) {
        return switch (recipient) {
            case RSAPublicKey rsa -> TransportedKey.wrap(contentKey, rsa, random);
            case ECPublicKey ec -> AgreedKey.wrap(contentKey, ec, random);
            default -> throw new IllegalArgumentException("unsupported kind of key: " + recipient.getAlgorithm());
        };
    }

    /** @throws IOException, or an unchecked exception of BouncyCastle, for parts that are not written here */
    static WrappedContentKey parse(RecipientInfo found) throws IOException {
        return switch (found.getInfo()) {
            case KeyTransRecipientInfo transported -> TransportedKey.parse(transported);
            case KeyAgreeRecipientInfo agreed -> AgreedKey.parse(agreed);
            default -> throw new IOException("unsupported kind of recipient");
        };
    }
}
