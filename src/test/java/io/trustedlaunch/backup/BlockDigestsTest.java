package io.trustedlaunch.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class BlockDigestsTest {
    /** A part of an upload that is sent again is read again. */
    @Test
    void aCopyGoesOnFromTheSameBytes() {
        BlockDigests whole = of(new BlockDigests(4), "abcdefghij");
        BlockDigests first = of(new BlockDigests(4), "abcdef");
        BlockDigests copy = first.copy();
        of(first, "xxxxxxxx");
        assertThat(of(copy, "ghij").finish()).isEqualTo(whole.finish()).hasSize(3);
    }

    private static BlockDigests of(BlockDigests digests, String bytes) {
        digests.update(ByteBuffer.wrap(bytes.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        return digests;
    }
}
