package io.trustedlaunch.custody;

import java.io.IOException;
import java.util.Arrays;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.KEKIdentifier;
import org.bouncycastle.asn1.cms.KEKRecipientInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/**
 * The variable parts of a {@link KeyWrappedMessage}; {@link AuthenticatedContent} says why there is one form only.
 *
 * <pre>
 * SEQUENCE { authEnvelopedData, [0] SEQUENCE { 0,
 *   SET { [2] SEQUENCE { 4, SEQUENCE { identifier OCTET STRING }, SEQUENCE { aes256-wrap }, wrappedKey OCTET STRING } },
 *   SEQUENCE { data, SEQUENCE { aes256-GCM, SEQUENCE { nonce OCTET STRING, 16 } }, [0] cipherText },
 *   tag OCTET STRING } }
 * </pre>
 */
record KeyWrappedStructure(byte[] identifier, byte[] wrappedKey, AuthenticatedContent content) {
    /** A key of 256 bits, and the check value of RFC 3394. */
    private static final int WRAPPED_KEY_BYTES = 32 + 8;

    private static final AlgorithmIdentifier KEY_WRAP = new AlgorithmIdentifier(NISTObjectIdentifiers.id_aes256_wrap);

    /** @throws IOException, or an unchecked exception of BouncyCastle, for anything that is not written here */
    static KeyWrappedStructure parse(byte[] message) throws IOException {
        AuthEnvelopedData found =
                AuthEnvelopedData.getInstance(ContentInfo.getInstance(message).getContent());
        KEKRecipientInfo recipient = (KEKRecipientInfo)
                RecipientInfo.getInstance(found.getRecipientInfos().getObjectAt(0))
                        .getInfo();
        KeyWrappedStructure structure = new KeyWrappedStructure(
                recipient.getKekid().getKeyIdentifier().getOctets(),
                recipient.getEncryptedKey().getOctets(),
                AuthenticatedContent.in(found));
        if (structure.identifier.length != KeyEncryptionKey.IDENTIFIER_BYTES
                || structure.wrappedKey.length != WRAPPED_KEY_BYTES) {
            throw new IOException("identifier or wrapped key of an unexpected length");
        }
        if (!Arrays.equals(structure.encoded(), message)) {
            throw new IOException("not in the one encoding");
        }
        return structure;
    }

    byte[] encoded() throws IOException {
        return content.encodedFor(new RecipientInfo(new KEKRecipientInfo(
                new KEKIdentifier(identifier, null, null), KEY_WRAP, new DEROctetString(wrappedKey))));
    }
}
