package io.trustedlaunch.agent.imageform;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where a table of offsets is in an image.
 *
 * @param count at most 2^32, so that {@link #bytes} does not overflow
 * @param width bytes per entry: 4 or 8
 */
record ImageTable(long offset, long count, int width, ByteOrder order) {
    long bytes() {
        return count * width;
    }

    long next(ByteBuffer bytes) {
        return width == Integer.BYTES ? Integer.toUnsignedLong(bytes.getInt()) : bytes.getLong();
    }
}
