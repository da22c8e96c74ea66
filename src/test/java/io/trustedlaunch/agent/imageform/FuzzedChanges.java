package io.trustedlaunch.agent.imageform;

import java.nio.ByteBuffer;

/**
 * Changes to an image, encoded in few bytes so that a fuzzer reaches tables that are megabytes apart. Each change is a
 * base offset, a distance, a length and the new bytes.
 */
final class FuzzedChanges {
    private static final int CHANGE_HEAD = 4;
    private static final int REACH = 1 << 10;
    private static final int MAX_LENGTH = 32;

    private FuzzedChanges() {}

    static ByteBuffer of(ByteBuffer image, byte[] encoded, int... places) {
        ByteBuffer changes = ByteBuffer.wrap(encoded);
        while (changes.remaining() > CHANGE_HEAD) {
            int place = places[Byte.toUnsignedInt(changes.get()) % places.length];
            int at = place + Short.toUnsignedInt(changes.getShort()) % REACH;
            int length = Math.min(1 + Byte.toUnsignedInt(changes.get()) % MAX_LENGTH, changes.remaining());
            length = Math.min(length, image.capacity() - at);
            if (length <= 0) {
                return image;
            }
            image.put(at, changes, changes.position(), length);
            changes.position(changes.position() + length);
        }
        return image;
    }
}
