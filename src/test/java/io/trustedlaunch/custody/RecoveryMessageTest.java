package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.OpenSsl;
import io.trustedlaunch.testkit.RecoveryPair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages for a recovery key: who can open them, and which fault is reported. */
class RecoveryMessageTest {
    private static final byte[] CONTENT = "the key and the record of a VM".getBytes(UTF_8);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Map<String, RecoveryPair> PAIRS = new HashMap<>();

    @TempDir
    static Path folder;

    @BeforeAll
    static void makePairs() {
        for (String kind : List.of("rsa:3072", "ec:P-256", "ec:P-384")) {
            PAIRS.put(kind, RecoveryPair.make(folder, kind));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa:3072", "ec:P-256", "ec:P-384"})
    void itsKeyOpensItAndSoDoesOpenssl(String kind) throws Exception {
        RecoveryPair pair = PAIRS.get(kind);
        byte[] sealed = pair.certificate().seal(CONTENT, RANDOM);
        Path file = Files.write(folder.resolve("sealed"), sealed);
        Path opened = folder.resolve("opened");

        OpenSsl.run(
                "cms",
                "-decrypt",
                "-binary",
                "-inform",
                "DER",
                "-in",
                file.toString(),
                "-inkey",
                pair.keyFile().toString(),
                "-out",
                opened.toString());

        assertThat(opened).hasBinaryContent(CONTENT);
        assertThat(content(pair.key().open(sealed))).isEqualTo(CONTENT);
        assertThat(HexFormat.of().formatHex(sealed))
                .doesNotContain(HexFormat.of().formatHex(CONTENT, 0, 8));
        assertThat(pair.certificate().keyId()).isEqualTo(pair.key().keyId());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa:3072", "ec:P-256", "ec:P-384"})
    void eachFaultIsReportedAsSuch(String kind) throws Exception {
        RecoveryPair pair = PAIRS.get(kind);
        RecoveryKey key = pair.key();
        byte[] sealed = pair.certificate().seal(CONTENT, RANDOM);
        AuthenticatedContent content = AuthenticatedContent.in(parsed(sealed));
        WrappedContentKey wrapped = wrapped(sealed);

        assertThat(fault(key, new byte[0])).isEqualTo(SealFault.EMPTY);
        assertThat(fault(key, Arrays.copyOf(sealed, sealed.length - 1))).isEqualTo(SealFault.TRUNCATED);
        assertThat(fault(key, Arrays.copyOf(sealed, sealed.length + 1))).isEqualTo(SealFault.TRAILING_BYTES);
        assertThat(fault(key, "a text".getBytes(UTF_8))).isEqualTo(SealFault.NOT_SEALED);
        assertThat(fault(key, flipped(sealed, indexOf(sealed, wrapped.keyIdentifier()))))
                .isEqualTo(SealFault.LABEL_ALTERED);
        assertThat(fault(key, flipped(sealed, indexOf(sealed, keyOf(wrapped)))))
                .isEqualTo(SealFault.WRAPPED_KEY_ALTERED);
        assertThat(fault(key, flipped(sealed, indexOf(sealed, content.cipherText()))))
                .isEqualTo(SealFault.CONTENT_ALTERED);
        assertThat(fault(key, flipped(sealed, indexOf(sealed, content.nonce()))))
                .isEqualTo(SealFault.CONTENT_ALTERED);
        assertThat(fault(key, flipped(sealed, sealed.length - 1))).isEqualTo(SealFault.CONTENT_ALTERED);
        PAIRS.forEach((otherKind, other) ->
                assertThat(fault(other.key(), sealed)).isEqualTo(otherKind.equals(kind) ? null : SealFault.OTHER_KEY));
    }

    @Test
    void anotherKeyOfTheSameKindIsRefusedWithBothKeyIds(@TempDir Path elsewhere) {
        RecoveryPair pair = PAIRS.get("ec:P-256");
        RecoveryKey other = RecoveryPair.make(elsewhere, "ec:P-256").key();

        Unsealing unsealing = other.open(pair.certificate().seal(CONTENT, RANDOM));

        assertThat(((Unsealing.Refused) unsealing).message())
                .contains(pair.certificate().keyId())
                .contains(other.keyId());
    }

    @Test
    void everyAlteredByteIsRefused() {
        RecoveryPair pair = PAIRS.get("ec:P-256");
        RecoveryKey key = pair.key();
        byte[] sealed = pair.certificate().seal(CONTENT, RANDOM);

        for (int mask : new int[] {0x01, 0x02, 0x10, 0x80, 0xff}) {
            assertThat(IntStream.range(0, sealed.length)
                            .filter(index -> fault(key, flipped(sealed, index, mask)) == null)
                            .boxed()
                            .toList())
                    .isEmpty();
        }
    }

    private static AuthEnvelopedData parsed(byte[] message) {
        return AuthEnvelopedData.getInstance(ContentInfo.getInstance(message).getContent());
    }

    private static WrappedContentKey wrapped(byte[] message) throws Exception {
        return WrappedContentKey.parse(
                RecipientInfo.getInstance(parsed(message).getRecipientInfos().getObjectAt(0)));
    }

    private static byte[] keyOf(WrappedContentKey wrapped) {
        return switch (wrapped) {
            case TransportedKey transported -> transported.encryptedKey();
            case AgreedKey agreed -> agreed.wrappedKey();
        };
    }

    /** Null if it opens. */
    private static SealFault fault(RecoveryKey key, byte[] message) {
        return key.open(message) instanceof Unsealing.Refused refused ? refused.fault() : null;
    }

    private static byte[] content(Unsealing unsealing) {
        return ((Unsealing.Unsealed) unsealing).content();
    }

    private static int indexOf(byte[] message, byte[] part) {
        return IntStream.range(0, message.length - part.length)
                .filter(at -> Arrays.equals(message, at, at + part.length, part, 0, part.length))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] flipped(byte[] bytes, int index) {
        return flipped(bytes, index, 1);
    }

    private static byte[] flipped(byte[] bytes, int index, int mask) {
        byte[] copy = bytes.clone();
        copy[index] ^= (byte) mask;
        return copy;
    }
}
