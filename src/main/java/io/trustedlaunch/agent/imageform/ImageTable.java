package io.trustedlaunch.agent.imageform;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A table of an image's that says where things are.
 *
 * @param count at most 2^32, so that {@link #bytes} is right
 * @param width of an entry, in bytes: 4 or 8
 */
record ImageTable(long offset, long count, int width, ByteOrder order) {
    long bytes() {
        return count * width;
    }

    long next(ByteBuffer bytes) {
        return width == Integer.BYTES ? Integer.toUnsignedLong(bytes.getInt()) : bytes.getLong();
    }
}
