package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.EncryptedContentInfo;
import org.bouncycastle.asn1.cms.GCMParameters;
import org.bouncycastle.asn1.cms.KEKIdentifier;
import org.bouncycastle.asn1.cms.KEKRecipientInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticatedContentTest {
    /** Test case 15 of the GCM specification that NIST SP 800-38D refers to: AES-256, no associated data. */
    private static final byte[] KEY = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");

    private static final byte[] NONCE = hex("cafebabefacedbaddecaf888");
    private static final byte[] PLAIN = hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255");
    private static final byte[] CIPHER_TEXT = hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad");
    private static final byte[] TAG = hex("b094dac5d93471bdec1a502270e3cc6c");

    @Test
    void theVectorOfTheSpecificationIsWrittenAndRead() throws Exception {
        AuthenticatedContent sealed = AuthenticatedContent.encrypt(PLAIN, KEY, new Fixed(NONCE));

        assertThat(sealed.nonce()).isEqualTo(NONCE);
        assertThat(sealed.cipherText()).isEqualTo(CIPHER_TEXT);
        assertThat(sealed.tag()).isEqualTo(TAG);
        assertThat(new AuthenticatedContent(NONCE, CIPHER_TEXT, TAG).decrypt(KEY))
                .isEqualTo(PLAIN);
    }

    @Test
    void noBitOfNonceTextOrTagMayChange() {
        for (byte[] part : new byte[][] {NONCE, CIPHER_TEXT, TAG}) {
            for (int bit = 0; bit < part.length * Byte.SIZE; bit++) {
                byte[] altered = part.clone();
                altered[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
                AuthenticatedContent content = new AuthenticatedContent(
                        part == NONCE ? altered : NONCE,
                        part == CIPHER_TEXT ? altered : CIPHER_TEXT,
                        part == TAG ? altered : TAG);
                assertThatThrownBy(() -> content.decrypt(KEY)).isInstanceOf(GeneralSecurityException.class);
            }
        }
    }

    @Test
    void everyMessageHasANonceOfItsOwn() {
        SecureRandom random = new SecureRandom();

        assertThat(AuthenticatedContent.encrypt(PLAIN, KEY, random).nonce())
                .isNotEqualTo(AuthenticatedContent.encrypt(PLAIN, KEY, random).nonce());
    }

    /** GCM is defined for other lengths, and a short tag can be guessed. */
    @ParameterizedTest
    @CsvSource({"12, 4", "12, 12", "12, 15", "12, 17", "12, 0", "8, 16", "16, 16", "0, 16"})
    void noOtherLengthOfNonceOrTagIsRead(int nonceBytes, int tagBytes) {
        assertThatThrownBy(() -> AuthenticatedContent.in(message(new byte[nonceBytes], new byte[tagBytes])))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("unexpected length");
    }

    private static AuthEnvelopedData message(byte[] nonce, byte[] tag) {
        AlgorithmIdentifier wrap = new AlgorithmIdentifier(NISTObjectIdentifiers.id_aes256_wrap);
        ASN1Encodable parameters = new GCMParameters(nonce, 16);
        return new AuthEnvelopedData(
                null,
                new DERSet(new RecipientInfo(new KEKRecipientInfo(
                        new KEKIdentifier(new byte[1], null, null), wrap, new DEROctetString(new byte[40])))),
                new EncryptedContentInfo(
                        CMSObjectIdentifiers.data,
                        new AlgorithmIdentifier(NISTObjectIdentifiers.id_aes256_GCM, parameters),
                        new DEROctetString(CIPHER_TEXT)),
                null,
                new DEROctetString(tag),
                null);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    /** Draws these bytes and no others. */
    private static final class Fixed extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final byte[] drawn;

        Fixed(byte[] drawn) {
            this.drawn = drawn;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            assertThat(bytes).hasSameSizeAs(drawn);
            System.arraycopy(drawn, 0, bytes, 0, bytes.length);
        }
    }
}
