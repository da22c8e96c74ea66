package io.trustedlaunch.agent.imageform;

import java.nio.ByteBuffer;
import java.util.UUID;

/** A GUID as stored in a VHDX: its first three fields are little-endian. */
record VhdxGuid(int first, short second, short third, long rest) {
    static VhdxGuid of(String text) {
        UUID uuid = UUID.fromString(text);
        long start = uuid.getMostSignificantBits();
        return new VhdxGuid(
                (int) (start >>> 32),
                (short) (start >>> 16),
                (short) start,
                Long.reverseBytes(uuid.getLeastSignificantBits()));
    }

    /** @param littleEndian its position advances by 16 bytes */
    static VhdxGuid read(ByteBuffer littleEndian) {
        return new VhdxGuid(
                littleEndian.getInt(), littleEndian.getShort(), littleEndian.getShort(), littleEndian.getLong());
    }
}
