package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StoreEnvelopeTest {
    private static final StoreEnvelope.Address ADDRESS = new StoreEnvelope.Address("run-1", "host-a");
    private static final byte[] GRANT = "https://s3.example/vms?X-Amz-Signature=0123".getBytes(UTF_8);

    private final CustodyFixture fixture = new CustodyFixture();
    private final NodeKeyPair pair = NodeKeyPair.generate(fixture.random);
    private final VerifiedCertificate recipient = fixture.verified(pair, "host-a", CertificatePurpose.SEALING);

    private byte[] seal(byte[] grant, StoreEnvelope.Address address) {
        return StoreEnvelope.seal(grant, address, recipient, fixture.random);
    }

    private static Refusal refusal(byte[] envelope, NodeKeyPair pair, StoreEnvelope.Address expected) {
        return catchThrowableOfType(EnvelopeRefusedException.class, () -> StoreEnvelope.open(envelope, pair, expected))
                .refusal();
    }

    @Test
    void theNodeThatItIsForOpensIt() throws Exception {
        for (byte[] grant : new byte[][] {GRANT, {}, new byte[StoreEnvelope.MAX_GRANT_BYTES]}) {
            assertThat(StoreEnvelope.open(seal(grant, ADDRESS), pair, ADDRESS)).isEqualTo(grant);
        }
        assertThatThrownBy(() -> seal(new byte[StoreEnvelope.MAX_GRANT_BYTES + 1], ADDRESS))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nothingConfidentialIsReadableInIt() {
        assertThat(HexFormat.of().formatHex(seal(GRANT, ADDRESS)))
                .doesNotContain(HexFormat.of().formatHex("Signature".getBytes(UTF_8)));
    }

    @Test
    void oneThatWasMovedIsRefusedWithTheDifference() {
        byte[] envelope = seal(GRANT, ADDRESS);

        assertThat(refusal(envelope, pair, new StoreEnvelope.Address("run-2", "host-a")))
                .isEqualTo(Refusal.WRONG_BACKUP_RUN);
        assertThat(refusal(envelope, pair, new StoreEnvelope.Address("run-1", "host-b")))
                .isEqualTo(Refusal.WRONG_NODE);
        assertThat(refusal(envelope, NodeKeyPair.generate(fixture.random), ADDRESS))
                .isEqualTo(Refusal.WRONG_RECIPIENT);
        assertThatThrownBy(() -> seal(GRANT, new StoreEnvelope.Address("run-1", "host-b")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noOtherKindOfEnvelopeOpensAsThis() {
        byte[] ofCopy = PullEnvelope.seal(
                PullCredentials.basic("ada", "hunter2"),
                new PullEnvelope.Address("run-1", "host-a"),
                recipient,
                fixture.random);

        assertThat(refusal(ofCopy, pair, ADDRESS)).isEqualTo(Refusal.DAMAGED);
        assertThat(catchThrowableOfType(
                                EnvelopeRefusedException.class,
                                () -> PullEnvelope.open(
                                        seal(GRANT, ADDRESS), pair, new PullEnvelope.Address("run-1", "host-a")))
                        .refusal())
                .isEqualTo(Refusal.DAMAGED);
    }

    @Test
    void everyAlteredByteAndEveryTruncationIsRefused() {
        byte[] envelope = seal(GRANT, ADDRESS);

        assertThat(IntStream.range(0, envelope.length).filter(index -> {
                    byte[] altered = envelope.clone();
                    altered[index] ^= 1;
                    return opens(altered) || opens(Arrays.copyOf(envelope, index));
                }))
                .isEmpty();
        assertThat(refusal(new byte[1 << 20], pair, ADDRESS)).isEqualTo(Refusal.TOO_LARGE);
    }

    private boolean opens(byte[] envelope) {
        try {
            StoreEnvelope.open(envelope, pair, ADDRESS);
            return true;
        } catch (EnvelopeRefusedException e) {
            return false;
        }
    }
}
