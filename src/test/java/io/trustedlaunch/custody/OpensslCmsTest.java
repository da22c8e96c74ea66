package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.testkit.OpenSsl;
import io.trustedlaunch.testkit.RecoveryPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.KeyAgreeRecipientInfo;
import org.bouncycastle.asn1.cms.KeyTransRecipientInfo;
import org.bouncycastle.asn1.cms.OriginatorPublicKey;
import org.bouncycastle.asn1.cms.RecipientEncryptedKey;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages from here that openssl opens, and messages of openssl that open here. */
class OpensslCmsTest {
    private static final byte[] CONTENT = "a content with\r\nlines\n".getBytes(UTF_8);
    private static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");

    private final SecureRandom random = new SecureRandom();
    private final ProtectionKey protectionKey = ProtectionKey.generate(random);
    private final GuestStateKey guestStateKey = protectionKey.guestStateKey(VM);

    @TempDir
    private Path folder;

    @Test
    void opensslOpensAnEnvelopeWithTheNodesKey() throws Exception {
        CustodyFixture fixture = new CustodyFixture();
        NodeKeyPair pair = NodeKeyPair.generate(random);
        EnvelopeContent content = new EnvelopeContent(
                new EnvelopeAddress(VM.toString(), 3, "host-a"), protectionKey, Map.of("user-data", CONTENT));
        byte[] envelope = Envelope.seal(content, fixture.verified(pair, "host-a", CertificatePurpose.SEALING), random);
        Path key = Files.writeString(folder.resolve("node.key"), pair.toPem());

        assertThat(EnvelopeEncoding.decode(decrypted(envelope, "-inkey", key.toString())))
                .isEqualTo(content);
    }

    @Test
    void opensslOpensAGuestStateAndItsOwnOpensHere() throws Exception {
        String[] key = {
            "-secretkey", HexFormat.of().formatHex(guestStateKey.bytes()),
            "-secretkeyid", HexFormat.of().formatHex(guestStateKey.identifier())
        };

        assertThat(decrypted(KeyWrappedMessage.seal(CONTENT, guestStateKey, random), key))
                .isEqualTo(CONTENT);
        assertThat(KeyWrappedMessage.open(encrypted(key), guestStateKey))
                .isInstanceOfSatisfying(
                        Unsealing.Unsealed.class,
                        unsealed -> assertThat(unsealed.content()).isEqualTo(CONTENT));
    }

    /** openssl leaves out the NULL of SHA-256, so that its form is refused; what it encrypted is read all the same. */
    @Test
    void aKeyThatOpensslTransportsByRsaUnwrapsHere() throws Exception {
        RecoveryPair pair = RecoveryPair.make(folder, "rsa:3072");
        byte[] message = encrypted(
                "-keyid",
                "-recip",
                pair.certificateFile().toString(),
                "-keyopt",
                "rsa_padding_mode:oaep",
                "-keyopt",
                "rsa_oaep_md:sha256");

        TransportedKey wrapped = TransportedKey.parse((KeyTransRecipientInfo) recipient(message));

        assertThat(AuthenticatedContent.in(parsed(message))
                        .decrypt(wrapped.unwrap(pair.key().privateKey())))
                .isEqualTo(CONTENT);
        assertThat(((Unsealing.Refused) pair.key().open(message)).fault()).isEqualTo(SealFault.NOT_SEALED);
    }

    /** openssl does not name the curve of its ephemeral key, so that its form is refused, too. */
    @Test
    void aKeyThatOpensslAgreesOnUnwrapsHere() throws Exception {
        for (NamedCurve curve : NamedCurve.values()) {
            RecoveryPair pair = RecoveryPair.make(folder, "ec:" + curve.name().replace('_', '-'));
            byte[] message =
                    encrypted("-keyid", "-recip", pair.certificateFile().toString(), "-keyopt", "ecdh_kdf_md:sha256");
            KeyAgreeRecipientInfo agreed = (KeyAgreeRecipientInfo) recipient(message);
            OriginatorPublicKey ephemeral = agreed.getOriginator().getOriginatorKey();
            ASN1OctetString wrappedKey = RecipientEncryptedKey.getInstance(
                            agreed.getRecipientEncryptedKeys().getObjectAt(0))
                    .getEncryptedKey();

            AgreedKey wrapped = new AgreedKey(
                    curve,
                    pair.key().keyIdentifier(),
                    ephemeral.getPublicKeyData().getBytes(),
                    wrappedKey.getOctets());

            assertThat(AuthenticatedContent.in(parsed(message))
                            .decrypt(wrapped.unwrap(pair.key().privateKey())))
                    .isEqualTo(CONTENT);
            assertThatThrownBy(() -> AgreedKey.parse(agreed)).isInstanceOf(IOException.class);
            assertThat(((Unsealing.Refused) pair.key().open(message)).fault()).isEqualTo(SealFault.NOT_SEALED);
        }
    }

    private byte[] decrypted(byte[] message, String... key) throws Exception {
        Path sealed = Files.write(folder.resolve("sealed.der"), message);
        return cms(List.of("-decrypt", "-inform", "DER", "-in", sealed.toString()), key);
    }

    private byte[] encrypted(String... recipient) throws Exception {
        Path content = Files.write(folder.resolve("content"), CONTENT);
        return cms(List.of("-encrypt", "-aes-256-gcm", "-in", content.toString(), "-outform", "DER"), recipient);
    }

    private byte[] cms(List<String> command, String... more) throws Exception {
        Path out = folder.resolve("out");
        List<String> arguments = new ArrayList<>(List.of("cms", "-binary", "-out", out.toString()));
        arguments.addAll(command);
        arguments.addAll(List.of(more));
        OpenSsl.run(arguments.toArray(String[]::new));
        return Files.readAllBytes(out);
    }

    private static AuthEnvelopedData parsed(byte[] message) {
        return AuthEnvelopedData.getInstance(ContentInfo.getInstance(message).getContent());
    }

    private static Object recipient(byte[] message) {
        return RecipientInfo.getInstance(parsed(message).getRecipientInfos().getObjectAt(0))
                .getInfo();
    }
}
