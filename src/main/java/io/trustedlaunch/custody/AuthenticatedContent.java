package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.EncryptedContentInfo;
import org.bouncycastle.asn1.cms.GCMParameters;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/**
 * The part that every CMS AuthEnvelopedData here has in common: AES-256-GCM, one recipient, no attributes (OpenSSL 3.0
 * cannot parse them), one encoding.
 *
 * <p>CMS leaves a sender much freedom (algorithms, tag lengths, attributes, encodings), and a reader that allows it
 * accepts messages that this code never wrote. So a reader takes the variable parts out, builds the message again
 * around them, and compares every byte.
 */
record AuthenticatedContent(byte[] nonce, byte[] cipherText, byte[] tag) {
    static final int TAG_BYTES = 16;
    static final int NONCE_BYTES = 12;
    static final int KEY_BYTES = 32;

    static AuthenticatedContent encrypt(byte[] content, byte[] contentKey, SecureRandom random) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            return split(nonce, cipher(Cipher.ENCRYPT_MODE, contentKey, nonce).doFinal(content));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("encrypting in memory failed", e);
        }
    }

    /** @throws GeneralSecurityException if any part was altered, or was encrypted under another key */
    byte[] decrypt(byte[] contentKey) throws GeneralSecurityException {
        return cipher(Cipher.DECRYPT_MODE, contentKey, nonce).doFinal(joined());
    }

    private static Cipher cipher(int mode, byte[] contentKey, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", EllipticCurve.PROVIDER);
        cipher.init(mode, new SecretKeySpec(contentKey, "AES"), new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
        return cipher;
    }

    /** @param sealed cipher text and tag, as a cipher gives them */
    private static AuthenticatedContent split(byte[] nonce, byte[] sealed) {
        int tagAt = sealed.length - TAG_BYTES;
        return new AuthenticatedContent(
                nonce, Arrays.copyOf(sealed, tagAt), Arrays.copyOfRange(sealed, tagAt, sealed.length));
    }

    /** Cipher text and tag, as a cipher takes them. */
    private byte[] joined() {
        byte[] sealed = Arrays.copyOf(cipherText, cipherText.length + TAG_BYTES);
        System.arraycopy(tag, 0, sealed, cipherText.length, TAG_BYTES);
        return sealed;
    }

    /** @throws IOException if tag or nonce have another length than the one written here */
    static AuthenticatedContent in(AuthEnvelopedData message) throws IOException {
        EncryptedContentInfo content = message.getAuthEncryptedContentInfo();
        byte[] nonce = GCMParameters.getInstance(
                        content.getContentEncryptionAlgorithm().getParameters())
                .getNonce();
        byte[] tag = message.getMac().getOctets();
        if (tag.length != TAG_BYTES || nonce.length != NONCE_BYTES) {
            throw new IOException("authentication tag or nonce of an unexpected length");
        }
        return new AuthenticatedContent(nonce, content.getEncryptedContent().getOctets(), tag);
    }

    /** The whole message, in DER. */
    byte[] encodedFor(RecipientInfo recipient) throws IOException {
        EncryptedContentInfo content = new EncryptedContentInfo(
                CMSObjectIdentifiers.data,
                new AlgorithmIdentifier(NISTObjectIdentifiers.id_aes256_GCM, new GCMParameters(nonce, TAG_BYTES)),
                new DEROctetString(cipherText));
        return new ContentInfo(
                        CMSObjectIdentifiers.authEnvelopedData,
                        new AuthEnvelopedData(
                                null, new DERSet(recipient), content, null, new DEROctetString(tag), null))
                .getEncoded(ASN1Encoding.DER);
    }
}
