package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import io.trustedlaunch.testkit.RecoveryPair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.KeyAgreeRecipientInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Of all forms of CMS, one is read. Each other form here holds the right content for the right recipient: a reader that
 * follows the standard opens it.
 */
class CmsFormTest {
    private static final byte[] CONTENT = "a content".getBytes(UTF_8);
    private static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");
    private static final EnvelopeAddress ADDRESS = new EnvelopeAddress(VM.toString(), 3, "host-a");

    private final SecureRandom random = new SecureRandom();
    private final NodeKeyPair pair = NodeKeyPair.generate(random);
    private final ProtectionKey protectionKey = ProtectionKey.generate(random);
    private final GuestStateKey guestStateKey = protectionKey.guestStateKey(VM);
    private final EnvelopeContent content = new EnvelopeContent(ADDRESS, protectionKey, Map.of());

    @TempDir
    private Path folder;

    @Test
    void envelopesOpenInTheirOneForm() throws Exception {
        byte[] encoded = EnvelopeEncoding.encode(content);

        byte[] generated = GeneratedCms.forKeyPair(encoded, pair.publicKey());

        assertThat(Envelope.open(generated, pair, ADDRESS)).isEqualTo(content);
        GeneratedCms.otherFormsForKeyPair(encoded, pair.publicKey())
                .forEach(
                        (form, message) -> assertThat(refusal(message)).as(form).isEqualTo(Refusal.DAMAGED));
        assertThat(refusal(withCompressedPoint(generated))).isEqualTo(Refusal.DAMAGED);
        assertThat(refusal(new byte[0])).isEqualTo(Refusal.DAMAGED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa:3072", "ec:P-256", "ec:P-384"})
    void recoveryMessagesOpenInTheirOneForm(String kind) throws Exception {
        RecoveryPair recovery = RecoveryPair.make(folder, kind);
        RecoveryKey key = recovery.key();
        PublicKey publicKey = Certificates.fromPem(Files.readString(recovery.certificateFile()))
                .getPublicKey();
        byte[] generated = GeneratedCms.forKeyPair(CONTENT, publicKey);

        assertThat(((Unsealing.Unsealed) key.open(generated)).content()).isEqualTo(CONTENT);
        GeneratedCms.otherFormsForKeyPair(CONTENT, publicKey)
                .forEach((form, message) ->
                        assertThat(fault(key.open(message))).as(form).isEqualTo(SealFault.NOT_SEALED));
        if (!kind.startsWith("rsa")) {
            assertThat(fault(key.open(withCompressedPoint(generated)))).isEqualTo(SealFault.NOT_SEALED);
        }
    }

    @Test
    void guestStatesOpenInTheirOneForm() throws Exception {
        byte[] identifier = guestStateKey.identifier();
        byte[] secret = guestStateKey.bytes();
        byte[] generated = GeneratedCms.forSecretKey(CONTENT, identifier, secret);

        assertThat(((Unsealing.Unsealed) KeyWrappedMessage.open(generated, guestStateKey)).content())
                .isEqualTo(CONTENT);
        GeneratedCms.otherFormsForSecretKey(CONTENT, identifier, secret)
                .forEach((form, message) -> assertThat(fault(KeyWrappedMessage.open(message, guestStateKey)))
                        .as(form)
                        .isEqualTo(SealFault.NOT_SEALED));
        assertThat(fault(KeyWrappedMessage.open(
                        GeneratedCms.forSecretKey(CONTENT, Arrays.copyOf(identifier, 25), secret), guestStateKey)))
                .isEqualTo(SealFault.NOT_SEALED);
    }

    @Test
    void noKindOfMessageOpensAsAnother() throws Exception {
        byte[] envelope = GeneratedCms.forKeyPair(EnvelopeEncoding.encode(content), pair.publicKey());
        byte[] state = KeyWrappedMessage.seal(EnvelopeEncoding.encode(content), guestStateKey, random);

        assertThat(refusal(state)).isEqualTo(Refusal.DAMAGED);
        assertThat(fault(KeyWrappedMessage.open(envelope, guestStateKey))).isEqualTo(SealFault.NOT_SEALED);
        assertThat(fault(RecoveryPair.make(folder, "ec:P-256").key().open(state)))
                .isEqualTo(SealFault.NOT_SEALED);
    }

    @Test
    void aClosedKeyNeitherSealsNorOpens() {
        byte[] state = KeyWrappedMessage.seal(CONTENT, guestStateKey, random);
        guestStateKey.close();

        assertThat(catchThrowableOfType(
                        IllegalStateException.class, () -> KeyWrappedMessage.seal(CONTENT, guestStateKey, random)))
                .hasMessageContaining("was closed");
        assertThat(catchThrowableOfType(
                        IllegalStateException.class, () -> KeyWrappedMessage.open(state, guestStateKey)))
                .hasMessageContaining("was closed");
    }

    private Refusal refusal(byte[] message) {
        return catchThrowableOfType(EnvelopeRefusedException.class, () -> Envelope.open(message, pair, ADDRESS))
                .refusal();
    }

    private static SealFault fault(Unsealing unsealing) {
        return unsealing instanceof Unsealing.Refused refused ? refused.fault() : null;
    }

    /** The same ephemeral point, written in its short form. */
    private static byte[] withCompressedPoint(byte[] message) throws Exception {
        AuthEnvelopedData found =
                AuthEnvelopedData.getInstance(ContentInfo.getInstance(message).getContent());
        AgreedKey key = AgreedKey.parse((KeyAgreeRecipientInfo)
                RecipientInfo.getInstance(found.getRecipientInfos().getObjectAt(0))
                        .getInfo());
        byte[] point = key.ephemeralPoint();
        byte[] compressed = Arrays.copyOf(point, 1 + point.length / 2);
        compressed[0] = (byte) (2 + (point[point.length - 1] & 1));
        return AuthenticatedContent.in(found)
                .encodedFor(new AgreedKey(key.curve(), key.keyIdentifier(), compressed, key.wrappedKey()).recipient());
    }
}
