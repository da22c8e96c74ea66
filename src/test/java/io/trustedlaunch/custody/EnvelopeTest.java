package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.EncryptedContentInfo;
import org.bouncycastle.util.Arrays;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
    private static final String VM = "3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11";
    private static final EnvelopeAddress ADDRESS = new EnvelopeAddress(VM, 3, "host-a");

    private final CustodyFixture fixture = new CustodyFixture();
    private final NodeKeyPair pair = NodeKeyPair.generate(fixture.random);
    private final VerifiedCertificate recipient = fixture.verified(pair, "host-a", CertificatePurpose.SEALING);
    private final EnvelopeContent content = new EnvelopeContent(
            ADDRESS,
            ProtectionKey.generate(fixture.random),
            Map.of("user-data", "#cloud-config\n".getBytes(UTF_8), "meta-data", new byte[0]));

    @Test
    void theNodeThatItIsForOpensIt() throws Exception {
        byte[] envelope = Envelope.seal(content, recipient, fixture.random);

        assertThat(Envelope.open(envelope, pair, ADDRESS)).isEqualTo(content);
    }

    @Test
    void itOpensAfterTheCertificateWasRenewed() throws Exception {
        byte[] envelope = Envelope.seal(content, recipient, fixture.random);
        fixture.issue(pair, "host-a", CertificatePurpose.SEALING);

        assertThat(Envelope.open(envelope, NodeKeyPair.fromPem(pair.toPem()), ADDRESS))
                .isEqualTo(content);
    }

    @Test
    void itNamesTheKeyThatItIsSealedToAndNotTheCertificate() {
        byte[] envelope = Envelope.seal(content, recipient, fixture.random);
        VerifiedCertificate renewed = fixture.verified(pair, "host-a", CertificatePurpose.SEALING);
        VerifiedCertificate other =
                fixture.verified(NodeKeyPair.generate(fixture.random), "host-a", CertificatePurpose.SEALING);

        assertThat(Envelope.isSealedTo(renewed.keyIdentifier(), envelope)).isTrue();
        assertThat(Envelope.isSealedTo(other.keyIdentifier(), envelope)).isFalse();
        assertThat(Envelope.isSealedTo(renewed.keyIdentifier(), new byte[0])).isFalse();
        assertThat(Envelope.isSealedTo(renewed.keyIdentifier(), Arrays.copyOf(envelope, envelope.length - 1)))
                .isFalse();
    }

    @Test
    void theSameContentIsNeverSealedTheSameWay() {
        assertThat(Envelope.seal(content, recipient, fixture.random))
                .isNotEqualTo(Envelope.seal(content, recipient, fixture.random));
    }

    @Test
    void nothingConfidentialIsReadableInIt() {
        byte[] envelope = Envelope.seal(content, recipient, fixture.random);
        String hex = HexFormat.of().formatHex(envelope);

        assertThat(hex)
                .doesNotContain(HexFormat.of().formatHex(content.protectionKey().bytes()))
                .doesNotContain(HexFormat.of().formatHex("#cloud-config".getBytes(UTF_8)));
    }

    @Test
    void anotherNodeCannotOpenIt() {
        byte[] envelope = Envelope.seal(content, recipient, fixture.random);
        NodeKeyPair other = NodeKeyPair.generate(fixture.random);

        assertThat(refusal(envelope, other, ADDRESS)).isEqualTo(Refusal.WRONG_RECIPIENT);
    }

    @Test
    void anEnvelopeMovedToAnotherIncarnationIsRefusedWithTheDifference() {
        byte[] envelope = Envelope.seal(content, recipient, fixture.random);

        assertThat(refusal(envelope, pair, new EnvelopeAddress("another-uid", 3, "host-a")))
                .isEqualTo(Refusal.WRONG_VM);
        assertThat(refusal(envelope, pair, new EnvelopeAddress(VM, 4, "host-a")))
                .isEqualTo(Refusal.WRONG_EPOCH);
        assertThat(refusal(envelope, pair, new EnvelopeAddress(VM, 3, "host-b")))
                .isEqualTo(Refusal.WRONG_NODE);
        assertThatThrownBy(() -> Envelope.open(envelope, pair, new EnvelopeAddress(VM, 4, "host-a")))
                .hasMessage("the envelope is for epoch 3, expected was 4");
    }

    /** Repeated, since some ways to write the same thing exist for every other key only. */
    @RepeatedTest(3)
    void everyAlteredByteIsRefused() {
        byte[] envelope = Envelope.seal(content, recipient, fixture.random);

        for (int mask : new int[] {0x01, 0x02, 0x03, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff}) {
            List<Integer> opened = IntStream.range(0, envelope.length)
                    .filter(index -> opens(altered(envelope, index, mask)))
                    .boxed()
                    .toList();

            assertThat(opened).isEmpty();
        }
    }

    @Test
    void everyTruncationAndAnyAdditionIsRefused() {
        byte[] envelope = Envelope.seal(content, recipient, fixture.random);

        assertThat(IntStream.range(0, envelope.length)
                        .filter(length -> opens(Arrays.copyOf(envelope, length)))
                        .boxed()
                        .toList())
                .isEmpty();
        assertThat(refusal(Arrays.copyOf(envelope, envelope.length + 1), pair, ADDRESS))
                .isEqualTo(Refusal.DAMAGED);
    }

    /** The same bytes decrypted, differently divided between cipher text and tag, would still verify. */
    @Test
    void anEnvelopeWithItsTagCutShortIsRefused() throws Exception {
        AuthEnvelopedData sealed =
                AuthEnvelopedData.getInstance(ContentInfo.getInstance(Envelope.seal(content, recipient, fixture.random))
                        .getContent());
        EncryptedContentInfo cipher = sealed.getAuthEncryptedContentInfo();
        byte[] tag = sealed.getMac().getOctets();
        byte[] longer = Arrays.concatenate(cipher.getEncryptedContent().getOctets(), Arrays.copyOf(tag, 12));
        byte[] envelope = new ContentInfo(
                        CMSObjectIdentifiers.authEnvelopedData,
                        new AuthEnvelopedData(
                                null,
                                sealed.getRecipientInfos(),
                                new EncryptedContentInfo(
                                        CMSObjectIdentifiers.data,
                                        cipher.getContentEncryptionAlgorithm(),
                                        new DEROctetString(longer)),
                                null,
                                new DEROctetString(Arrays.copyOfRange(tag, 12, 16)),
                                null))
                .getEncoded(ASN1Encoding.DER);

        assertThat(refusal(envelope, pair, ADDRESS)).isEqualTo(Refusal.DAMAGED);
    }

    @Test
    void anOversizedEnvelopeIsNotEvenParsed() {
        assertThat(refusal(new byte[Envelope.MAX_BYTES + 1], pair, ADDRESS)).isEqualTo(Refusal.TOO_LARGE);
        assertThat(refusal(new byte[Envelope.MAX_BYTES], pair, ADDRESS)).isEqualTo(Refusal.DAMAGED);
    }

    @Test
    void theLargestContentFitsIntoAnEnvelope() throws Exception {
        EnvelopeContent largest = new EnvelopeContent(
                new EnvelopeAddress(VM, Long.MAX_VALUE, "host-a"),
                content.protectionKey(),
                Map.of("user-data", new byte[EnvelopeContent.MAX_FILE_BYTES]));
        byte[] envelope = Envelope.seal(largest, recipient, fixture.random);

        assertThat(Envelope.open(envelope, pair, largest.address())).isEqualTo(largest);
    }

    @Test
    void tooMuchOrBadlyNamedGuestConfigurationIsRefused() {
        assertThatThrownBy(() -> withFiles(Map.of("user-data", new byte[EnvelopeContent.MAX_FILE_BYTES + 1])))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> withFiles(Map.of("../user-data", new byte[1])))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> withFiles(Map.of(".hidden", new byte[1])))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void itIsSealedOnlyToTheSealingCertificateOfTheNodeThatItIsFor() {
        VerifiedCertificate agent = fixture.verified(pair, "host-a", CertificatePurpose.AGENT);
        VerifiedCertificate otherNode = fixture.verified(pair, "host-b", CertificatePurpose.SEALING);

        assertThatThrownBy(() -> Envelope.seal(content, agent, fixture.random))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Envelope.seal(content, otherNode, fixture.random))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theTextOfAContentNamesItsFilesAndNothingInThem() {
        assertThat(content.toString())
                .contains("user-data", "host-a", content.protectionKey().keyId())
                .doesNotContain("cloud-config");
    }

    private EnvelopeContent withFiles(Map<String, byte[]> files) {
        return new EnvelopeContent(ADDRESS, content.protectionKey(), files);
    }

    private boolean opens(byte[] envelope) {
        try {
            Envelope.open(envelope, pair, ADDRESS);
            return true;
        } catch (EnvelopeRefusedException e) {
            return false;
        }
    }

    private static Refusal refusal(byte[] envelope, NodeKeyPair pair, EnvelopeAddress expected) {
        return catchThrowableOfType(EnvelopeRefusedException.class, () -> Envelope.open(envelope, pair, expected))
                .refusal();
    }

    private static byte[] altered(byte[] bytes, int index, int mask) {
        byte[] copy = bytes.clone();
        copy[index] ^= (byte) mask;
        return copy;
    }
}
