package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RestoreEnvelopeTest {
    private static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");
    private static final RestoreEnvelope.Address ADDRESS = new RestoreEnvelope.Address("restore", VM, "host-a");

    private final CustodyFixture fixture = new CustodyFixture();
    private final NodeKeyPair pair = NodeKeyPair.generate(fixture.random);
    private final VerifiedCertificate recipient = fixture.verified(pair, "host-a", CertificatePurpose.SEALING);
    private static final byte[] GRANT = "a signed URL".getBytes(StandardCharsets.US_ASCII);
    private final ProtectionKey key = ProtectionKey.generate(fixture.random);

    @Test
    void theNodeThatItIsForGetsTheKeysOfTheBackups() throws Exception {
        try (RestoreEnvelope.Content opened = RestoreEnvelope.open(sealed(), pair, ADDRESS);
                BackupDescriptionKey expected = key.backupDescriptionKey(VM)) {
            assertThat(opened.keys().packSecret()).isEqualTo(key.backupPackSecret(VM));
            assertThat(opened.keys().description().bytes()).isEqualTo(expected.bytes());
            assertThat(opened.keys().description().identifier()).isEqualTo(expected.identifier());
            assertThat(opened.grant()).isEqualTo(GRANT);
        }
    }

    /** The node does not run the VM. */
    @Test
    void theVmsOwnKeyIsNotInIt() throws Exception {
        byte[] plain = NodeMessage.open(sealed(), 4096, pair, content -> content);
        String hex = HexFormat.of().formatHex(plain);

        assertThat(hex).doesNotContain(HexFormat.of().formatHex(key.bytes()));
        assertThat(hex).doesNotContain(HexFormat.of().formatHex(key.tpmSecret(VM.toString())));
        try (GuestStateKey guestState = key.guestStateKey(VM)) {
            assertThat(hex).doesNotContain(HexFormat.of().formatHex(guestState.bytes()));
        }
    }

    @Test
    void oneThatWasMovedIsRefusedWithTheDifference() {
        assertThat(refusal(sealed(), pair, new RestoreEnvelope.Address("another", VM, "host-a")))
                .isEqualTo(Refusal.WRONG_RESTORE);
        assertThat(refusal(sealed(), pair, new RestoreEnvelope.Address("restore", new UUID(1, 2), "host-a")))
                .isEqualTo(Refusal.WRONG_VM);
        assertThat(refusal(sealed(), pair, new RestoreEnvelope.Address("restore", VM, "host-b")))
                .isEqualTo(Refusal.WRONG_NODE);
        assertThat(refusal(sealed(), NodeKeyPair.generate(fixture.random), ADDRESS))
                .isEqualTo(Refusal.WRONG_RECIPIENT);
    }

    @Test
    void otherEnvelopesDoNotOpenAsIt() {
        byte[] ofCopy = PullEnvelope.seal(
                PullCredentials.bearer("token"),
                new PullEnvelope.Address("restore", "host-a"),
                recipient,
                fixture.random);

        assertThat(refusal(ofCopy, pair, ADDRESS)).isEqualTo(Refusal.DAMAGED);
    }

    @Test
    void everyAlteredByteAndEveryTruncationIsRefused() {
        byte[] envelope = sealed();

        assertThat(IntStream.range(0, envelope.length).filter(index -> {
                    byte[] altered = envelope.clone();
                    altered[index] ^= 1;
                    return opens(altered) || opens(Arrays.copyOf(envelope, index));
                }))
                .isEmpty();
    }

    private byte[] sealed() {
        try (BackupKeys keys = BackupKeys.of(key, VM)) {
            return RestoreEnvelope.seal(new RestoreEnvelope.Content(keys, GRANT), ADDRESS, recipient, fixture.random);
        }
    }

    private boolean opens(byte[] envelope) {
        try {
            RestoreEnvelope.open(envelope, pair, ADDRESS).close();
            return true;
        } catch (EnvelopeRefusedException e) {
            return false;
        }
    }

    private static Refusal refusal(byte[] envelope, NodeKeyPair pair, RestoreEnvelope.Address expected) {
        return catchThrowableOfType(
                        EnvelopeRefusedException.class, () -> RestoreEnvelope.open(envelope, pair, expected))
                .refusal();
    }
}
