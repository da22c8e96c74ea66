package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.BERSequence;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;
import org.junit.jupiter.api.Test;

class PullEnvelopeTest {
    private static final PullEnvelope.Address ADDRESS = new PullEnvelope.Address("ws2022-csv-01", "host-a");
    private static final PullCredentials CREDENTIALS = PullCredentials.basic("ada", "correct horse: Ünïcode");

    private final CustodyFixture fixture = new CustodyFixture();
    private final NodeKeyPair pair = NodeKeyPair.generate(fixture.random);
    private final VerifiedCertificate recipient = fixture.verified(pair, "host-a", CertificatePurpose.SEALING);

    @Test
    void theNodeThatItIsForOpensIt() throws Exception {
        for (PullCredentials credentials : List.of(
                CREDENTIALS,
                PullCredentials.basic("", ""),
                PullCredentials.bearer("eyJ.x-_~+/="),
                PullCredentials.basic("", "€".repeat(PullCredentials.MAX_LENGTH)))) {
            byte[] envelope = PullEnvelope.seal(credentials, ADDRESS, recipient, fixture.random);

            assertThat(PullEnvelope.open(envelope, pair, ADDRESS)).isEqualTo(credentials);
        }
    }

    @Test
    void nothingConfidentialIsReadableInIt() {
        byte[] envelope = PullEnvelope.seal(CREDENTIALS, ADDRESS, recipient, fixture.random);

        assertThat(HexFormat.of().formatHex(envelope))
                .doesNotContain(HexFormat.of().formatHex("correct horse".getBytes(UTF_8)));
    }

    @Test
    void oneThatWasMovedIsRefusedWithTheDifference() {
        byte[] envelope = PullEnvelope.seal(CREDENTIALS, ADDRESS, recipient, fixture.random);

        assertThat(refusal(envelope, pair, new PullEnvelope.Address("another", "host-a")))
                .isEqualTo(Refusal.WRONG_IMAGE_COPY);
        assertThat(refusal(envelope, pair, new PullEnvelope.Address("ws2022-csv-01", "host-b")))
                .isEqualTo(Refusal.WRONG_NODE);
        assertThat(refusal(envelope, NodeKeyPair.generate(fixture.random), ADDRESS))
                .isEqualTo(Refusal.WRONG_RECIPIENT);
    }

    @Test
    void itIsSealedToNoOtherNodeThanTheOneItNames() {
        assertThatThrownBy(() -> PullEnvelope.seal(
                        CREDENTIALS, new PullEnvelope.Address("a", "host-b"), recipient, fixture.random))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void neitherKindOfEnvelopeOpensAsTheOther() {
        EnvelopeAddress incarnation = new EnvelopeAddress("ws2022-csv-01", 1, "host-a");
        byte[] ofIncarnation = Envelope.seal(
                new EnvelopeContent(incarnation, ProtectionKey.generate(fixture.random), Map.of()),
                recipient,
                fixture.random);
        byte[] ofCopy = PullEnvelope.seal(CREDENTIALS, ADDRESS, recipient, fixture.random);

        assertThat(refusal(ofIncarnation, pair, ADDRESS)).isEqualTo(Refusal.DAMAGED);
        assertThat(catchThrowableOfType(EnvelopeRefusedException.class, () -> Envelope.open(ofCopy, pair, incarnation))
                        .refusal())
                .isEqualTo(Refusal.DAMAGED);
    }

    @Test
    void everyAlteredByteAndEveryTruncationIsRefused() {
        byte[] envelope = PullEnvelope.seal(CREDENTIALS, ADDRESS, recipient, fixture.random);

        assertThat(IntStream.range(0, envelope.length).filter(index -> {
                    byte[] altered = envelope.clone();
                    altered[index] ^= 1;
                    return opens(altered) || opens(Arrays.copyOf(envelope, index));
                }))
                .isEmpty();
        assertThat(refusal(new byte[1 << 20], pair, ADDRESS)).isEqualTo(Refusal.TOO_LARGE);
    }

    @Test
    void whatNoRequestCanCarryIsRefusedWithoutRepeatingIt() {
        for (String token :
                List.of("", "hunter2\n", "hunter2 ", "hünter2", "h".repeat(PullCredentials.MAX_LENGTH + 1))) {
            assertThatThrownBy(() -> PullCredentials.bearer(token))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("token")
                    .hasMessageNotContaining("nter2");
        }
        assertThatThrownBy(() -> PullCredentials.basic("a:b", "hunter2")).hasMessageContaining("colon");
        assertThatThrownBy(() -> PullCredentials.basic("ada", "hunter2\n"))
                .hasMessageContaining("line break")
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> PullCredentials.basic("ada", "\ud800")).hasMessageContaining("not text");
    }

    @Test
    void theyShowThemselvesToServersOnly() {
        assertThat(PullCredentials.basic("ada", "hunter2").authorization()).isEqualTo("Basic YWRhOmh1bnRlcjI=");
        assertThat(PullCredentials.bearer("hunter2").authorization()).isEqualTo("Bearer hunter2");
        assertThat(List.of(PullCredentials.basic("ada", "hunter2"), PullCredentials.bearer("hunter2"))
                        .toString())
                .doesNotContain("hunter2");
    }

    @Test
    void theCredentialsOfNoOtherFormAreRead() throws Exception {
        ASN1Encodable[] good = fields(text("ws2022-csv-01"), secrets("ada", "secret"));
        assertThat(PullEnvelope.open(sealed(new DERSequence(good)), pair, ADDRESS))
                .isEqualTo(PullCredentials.basic("ada", "secret"));

        for (ASN1Encodable hostile : List.of(
                new DERSequence(),
                new DERSequence(Arrays.copyOf(good, 3)),
                new DERSequence(new ASN1Encodable[] {good[0], good[1], good[2], good[3], good[0]}),
                new DERSequence(new ASN1Encodable[] {new ASN1Integer(2), good[1], good[2], good[3]}),
                new DERSequence(fields(new DERIA5String("ws2022-csv-01"), good[3])),
                new DERSequence(fields(good[1], secrets())),
                new DERSequence(fields(good[1], secrets("ada", "secret", "more"))),
                new DERSequence(fields(good[1], secrets("a token with spaces"))),
                new DERSequence(fields(good[1], secrets("a:da", "secret"))),
                new BERSequence(good))) {
            assertThat(refusal(sealed(hostile), pair, ADDRESS))
                    .as("%s", hostile)
                    .isEqualTo(Refusal.DAMAGED);
        }
    }

    @Test
    void credentialsMayHaveTheLengthThatIsNamedAndNoMore() {
        String longest = "a".repeat(PullCredentials.MAX_LENGTH);

        assertThat(PullCredentials.bearer(longest).authorization()).endsWith(longest);
        assertThat(PullCredentials.basic(longest, "").toString()).isEqualTo("Basic[…]");
        assertThatThrownBy(() -> PullCredentials.basic(longest, "a")).hasMessageContaining("too long");
        assertThat(PullCredentials.bearer("a")).hasToString("Bearer[…]");
    }

    private byte[] sealed(ASN1Encodable content) throws Exception {
        return NodeMessage.seal(content.toASN1Primitive().getEncoded(), "host-a", recipient, fixture.random);
    }

    private static ASN1Encodable[] fields(ASN1Encodable imageCopy, ASN1Encodable secrets) {
        return new ASN1Encodable[] {new ASN1Integer(1), imageCopy, text("host-a"), secrets};
    }

    private static DERSequence secrets(String... secrets) {
        return new DERSequence(Stream.of(secrets).map(DERUTF8String::new).toArray(ASN1Encodable[]::new));
    }

    private static DERUTF8String text(String value) {
        return new DERUTF8String(value);
    }

    private boolean opens(byte[] envelope) {
        try {
            PullEnvelope.open(envelope, pair, ADDRESS);
            return true;
        } catch (EnvelopeRefusedException e) {
            return false;
        }
    }

    private static Refusal refusal(byte[] envelope, NodeKeyPair pair, PullEnvelope.Address address) {
        return catchThrowableOfType(EnvelopeRefusedException.class, () -> PullEnvelope.open(envelope, pair, address))
                .refusal();
    }
}
