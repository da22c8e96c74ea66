package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyWrapTest {
    private static final byte[] KEK = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    private static final byte[] KEY = hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
    private static final byte[] WRAPPED =
            hex("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");

    /** RFC 3394, 4.3, 4.5 and 4.6: the vectors with a 256-bit key-encryption key. */
    @ParameterizedTest
    @CsvSource({
        "00112233445566778899aabbccddeeff, 64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7",
        "00112233445566778899aabbccddeeff0001020304050607,"
                + "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1",
        "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f,"
                + "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
    })
    void theVectorsOfTheRfc(String key, String wrapped) throws Exception {
        assertThat(KeyWrap.wrap(hex(key), KEK)).isEqualTo(hex(wrapped));
        assertThat(KeyWrap.unwrap(hex(wrapped), KEK)).isEqualTo(hex(key));
    }

    @Test
    void noAlteredBitUnwraps() {
        for (int bit = 0; bit < WRAPPED.length * Byte.SIZE; bit++) {
            byte[] altered = WRAPPED.clone();
            altered[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertRefused(altered, KEK);
        }
    }

    @Test
    void noOtherLengthUnwraps() {
        for (int length = 0; length < WRAPPED.length; length++) {
            assertRefused(Arrays.copyOf(WRAPPED, length), KEK);
        }
        assertRefused(Arrays.copyOf(WRAPPED, WRAPPED.length + 1), KEK);
        assertRefused(Arrays.copyOf(WRAPPED, WRAPPED.length + 8), KEK);
    }

    @Test
    void noOtherKeyUnwraps() {
        byte[] other = KEK.clone();
        other[31] ^= 1;

        assertRefused(WRAPPED, other);
        assertRefused(WRAPPED, KEY);
    }

    private static void assertRefused(byte[] wrapped, byte[] kek) {
        assertThatThrownBy(() -> KeyWrap.unwrap(wrapped, kek)).isInstanceOf(GeneralSecurityException.class);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
