package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Against the example of FIPS 180-2. */
class Sha256Test {
    private static final String OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void itIsThatOfTheStandard() {
        assertThat(Sha256.of("abc".getBytes(US_ASCII))).isEqualTo(OF_ABC);
    }

    @Test
    void theDigestSoFarCanBeRead() {
        Sha256 digest = new Sha256();
        digest.update(ByteBuffer.wrap(new byte[] {'a'}));
        assertThat(digest.hex()).isEqualTo(Sha256.of(new byte[] {'a'}));

        digest.update(ByteBuffer.wrap("bc".getBytes(US_ASCII)));
        assertThat(digest.hex()).isEqualTo(OF_ABC);
    }
}
