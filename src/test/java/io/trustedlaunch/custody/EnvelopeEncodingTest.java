package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.BERSequence;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EnvelopeEncodingTest {
    private static final byte[] KEY = key();
    private static final EnvelopeContent CONTENT = new EnvelopeContent(
            new EnvelopeAddress("vm-1", 3, "host-a"),
            ProtectionKey.of(KEY),
            Map.of("user-data", bytes("hello"), "meta-data", new byte[0]));

    /** An agent of another version must read it: a change here is a new version. */
    @Test
    void theEncodingIsTheDocumentedOne() {
        assertThat(HexFormat.of().formatHex(EnvelopeEncoding.encode(CONTENT)))
                .isEqualTo("305b" + "020101" + "0c04766d2d31" + "020103" + "0c06686f73742d61"
                        + "0420" + HexFormat.of().formatHex(KEY)
                        + "3023" + "300d0c096d6574612d646174610400" + "30120c09757365722d64617461040568656c6c6f");
        assertThat(EnvelopeEncoding.decode(EnvelopeEncoding.encode(CONTENT))).isEqualTo(CONTENT);
    }

    static Stream<Arguments> hostileContents() {
        ASN1Encodable[] good = fields();
        return Stream.of(
                Arguments.of("version 0", with(0, new ASN1Integer(0))),
                Arguments.of("version 2", with(0, new ASN1Integer(2))),
                Arguments.of("a version of many digits", with(0, new ASN1Integer(BigInteger.ONE.shiftLeft(4000)))),
                Arguments.of("a field less", new DERSequence(Arrays.copyOf(good, 5))),
                Arguments.of("no field", new DERSequence()),
                Arguments.of(
                        "a field more",
                        new DERSequence(Stream.concat(Stream.of(good), Stream.of(new ASN1Integer(1)))
                                .toArray(ASN1Encodable[]::new))),
                Arguments.of("an empty UID", with(1, new DERUTF8String(""))),
                Arguments.of("a long UID", with(1, new DERUTF8String("a".repeat(254)))),
                Arguments.of("another kind of text", with(1, new DERIA5String("vm-1"))),
                Arguments.of("epoch 0", with(2, new ASN1Integer(0))),
                Arguments.of("a negative epoch", with(2, new ASN1Integer(-1))),
                // Taken modulo 2^64 it would be the expected epoch.
                Arguments.of("an epoch beyond 64 bits", with(2, epochBeyond64Bits())),
                Arguments.of("an empty node name", with(3, new DERUTF8String(" "))),
                Arguments.of("a short key", with(4, new DEROctetString(new byte[31]))),
                Arguments.of("a key of zeros", with(4, new DEROctetString(new byte[32]))),
                Arguments.of("files that are none", with(5, new DEROctetString(new byte[1]))),
                Arguments.of("files that are not sorted", with(5, files("b", "a"))),
                Arguments.of("a file twice", with(5, files("a", "a"))),
                Arguments.of("a file with a path", with(5, files("../a"))),
                Arguments.of("a file without a name", with(5, files(""))),
                Arguments.of("more files than allowed", with(5, files("a", "b", "c", "d", "e", "f", "g", "h", "i"))),
                Arguments.of("a file without content", with(5, new DERSequence(new DERSequence(text("a"))))),
                Arguments.of(
                        "a file with more than its content",
                        with(5, new DERSequence(new DERSequence(new ASN1Encodable[] {
                            text("a"), new DEROctetString(new byte[1]), new DEROctetString(new byte[1])
                        })))),
                Arguments.of("an indefinite length", new BERSequence(good)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostileContents")
    void whatIsNeverWrittenIsNotRead(String what, ASN1Encodable content) throws IOException {
        byte[] encoded = content.toASN1Primitive().getEncoded();

        assertThatThrownBy(() -> EnvelopeEncoding.decode(encoded)).isInstanceOf(RuntimeException.class);
    }

    @Test
    void theFieldsThatTheHostileContentsVaryAreReadAsTheyAre() throws IOException {
        byte[] good = new DERSequence(fields()).getEncoded(ASN1Encoding.DER);

        assertThat(EnvelopeEncoding.decode(good).address()).isEqualTo(CONTENT.address());
    }

    @Test
    void noTruncationAndNoTrailingByteIsRead() {
        byte[] encoded = EnvelopeEncoding.encode(CONTENT);

        assertThat(IntStream.range(0, encoded.length))
                .allSatisfy(length -> assertThatThrownBy(() -> EnvelopeEncoding.decode(Arrays.copyOf(encoded, length)))
                        .isInstanceOf(RuntimeException.class));
        assertThatThrownBy(() -> EnvelopeEncoding.decode(Arrays.copyOf(encoded, encoded.length + 1)))
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void aContentKeepsACopyOfItsFilesAndTheirNamesInOrder() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("b", bytes("one"));
        files.put("a", bytes("two"));
        EnvelopeContent content = new EnvelopeContent(CONTENT.address(), CONTENT.protectionKey(), files);

        files.get("b")[0] = 'x';
        files.remove("a");

        assertThat(content.files().get("b")).isEqualTo(bytes("one"));
        assertThat(content.files().keySet()).containsExactly("a", "b");
        assertThatThrownBy(() -> content.files().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void contentsAreEqualByEachOfTheirParts() {
        EnvelopeAddress address = CONTENT.address();
        ProtectionKey key = CONTENT.protectionKey();
        Map<String, byte[]> files = CONTENT.files();

        assertThat(new EnvelopeContent(address, key, files)).isEqualTo(CONTENT).hasSameHashCodeAs(CONTENT);
        assertThat(List.of(
                        new EnvelopeContent(new EnvelopeAddress("vm-1", 4, "host-a"), key, files),
                        new EnvelopeContent(address, ProtectionKey.of(bytes("a".repeat(32))), files),
                        new EnvelopeContent(address, key, Map.of()),
                        new EnvelopeContent(
                                address, key, Map.of("user-data", bytes("hello"), "network-config", new byte[0])),
                        new EnvelopeContent(
                                address, key, Map.of("user-data", bytes("hullo"), "meta-data", new byte[0]))))
                .doesNotContain(CONTENT)
                .noneMatch(CONTENT::equals);
    }

    @Test
    void theLimitsOfFilesAreInclusive() {
        Map<String, byte[]> eight = new LinkedHashMap<>();
        for (int number = 1; number <= EnvelopeContent.MAX_FILES; number++) {
            eight.put("file-" + number, new byte[EnvelopeContent.MAX_FILE_BYTES / EnvelopeContent.MAX_FILES]);
        }
        assertThat(EnvelopeContent.fits(eight)).isTrue();
        eight.put("file-9", new byte[0]);
        assertThat(EnvelopeContent.fits(eight)).isFalse();
        assertThat(EnvelopeContent.fits(Map.of(
                        "a", new byte[EnvelopeContent.MAX_FILE_BYTES],
                        "b", new byte[1])))
                .isFalse();
    }

    @Test
    void namesOfAnAddressHaveTheLengthsOfKubernetes() {
        assertThat(new EnvelopeAddress("a".repeat(253), 1, "b".repeat(253)).epoch())
                .isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new EnvelopeAddress("vm", 1, "b".repeat(254)));
        assertThatIllegalArgumentException().isThrownBy(() -> new EnvelopeAddress(" ", 1, "b"));
        assertThatIllegalArgumentException().isThrownBy(() -> new EnvelopeAddress("vm", 0, "b"));
    }

    private static ASN1Encodable[] fields() {
        return new ASN1Encodable[] {
            new ASN1Integer(1),
            text("vm-1"),
            new ASN1Integer(3),
            text("host-a"),
            new DEROctetString(KEY),
            files("a", "b")
        };
    }

    private static DERSequence with(int index, ASN1Encodable field) {
        ASN1Encodable[] fields = fields();
        fields[index] = field;
        return new DERSequence(fields);
    }

    private static ASN1Integer epochBeyond64Bits() {
        return new ASN1Integer(BigInteger.ONE.shiftLeft(64).add(BigInteger.valueOf(3)));
    }

    private static DERSequence files(String... names) {
        return new DERSequence(Stream.of(names)
                .map(name -> new DERSequence(new ASN1Encodable[] {text(name), new DEROctetString(new byte[1])}))
                .toArray(ASN1Encodable[]::new));
    }

    private static DERUTF8String text(String value) {
        return new DERUTF8String(value);
    }

    private static byte[] key() {
        byte[] key = new byte[ProtectionKey.BYTES];
        IntStream.range(0, key.length).forEach(index -> key[index] = (byte) index);
        return key;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
