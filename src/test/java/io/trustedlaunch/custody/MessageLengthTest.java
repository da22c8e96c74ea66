package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageLengthTest {
    @ParameterizedTest
    @CsvSource({
        "'', EMPTY, it has no bytes",
        "00, NOT_SEALED, it does not begin like a sealed file",
        "3100, NOT_SEALED, it does not begin like a sealed file",
        "30, TRUNCATED, it has a single byte",
        "3001, TRUNCATED, it has 2 bytes of 3",
        "300000, TRAILING_BYTES, 'it ends after 2 bytes, and 1 more follow'",
        "307f00, TRUNCATED, it has 3 bytes of 129",
        "3081, TRUNCATED, it ends within its first bytes",
        "308201, TRUNCATED, it ends within its first bytes",
        "30820102, TRUNCATED, it has 4 bytes of 262",
        "3084ffffffff, TRUNCATED, it has 6 bytes of 4294967301",
        // An indefinite length, one of more bytes than any file needs, and the reserved form.
        "30800000, NOT_SEALED, it states its length in a form that sealed files do not use",
        "30850000000000, NOT_SEALED, it states its length in a form that sealed files do not use",
        "30ff, NOT_SEALED, it states its length in a form that sealed files do not use",
    })
    void aMessageThatIsNotOfItsLengthIsRefused(String hex, SealFault fault, String message) {
        assertThat(MessageLength.faultOf(HexFormat.of().parseHex(hex))).contains(new Unsealing.Refused(fault, message));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 255, 256, 65_535, 65_536, 1 << 24})
    void aMessageOfItsLengthIsNotRefusedHoweverManyBytesGiveIt(int length) {
        assertThat(MessageLength.faultOf(sequence(length))).isEmpty();
        if (length > 0) {
            assertThat(MessageLength.faultOf(Arrays.copyOf(sequence(length), sequence(length).length - 1)))
                    .isPresent();
        }
    }

    @Test
    void theHighBitOfALengthIsNoSign() {
        byte[] message = Arrays.copyOf(HexFormat.of().parseHex("3081f0"), 3 + 0xf0);

        assertThat(MessageLength.faultOf(message)).isEmpty();
    }

    private static byte[] sequence(int length) {
        String head = length < 0x80
                ? "30%02x".formatted(length)
                : length < 0x100
                        ? "3081%02x".formatted(length)
                        : length < 0x10000
                                ? "3082%04x".formatted(length)
                                : length < 0x1000000 ? "3083%06x".formatted(length) : "3084%08x".formatted(length);
        byte[] bytes = HexFormat.of().parseHex(head);
        return Arrays.copyOf(bytes, bytes.length + length);
    }
}
