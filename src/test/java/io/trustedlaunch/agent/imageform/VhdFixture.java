package io.trustedlaunch.agent.imageform;

import java.nio.ByteBuffer;

/** Small valid VHDs. The dynamic one has: footer, header, table of four blocks, the second block, footer. */
final class VhdFixture {
    static final int BLOCK_BYTES = 1 << 16;
    static final int HEADER = 512;
    static final int TABLE = 1536;
    static final int BLOCK = 2048;
    static final int FOOTER = BLOCK + 512 + BLOCK_BYTES;
    static final int END = FOOTER + 512;
    static final long VIRTUAL_BYTES = 4 * BLOCK_BYTES;

    static final int VERSION = 12;
    static final int HEADER_OFFSET = 16;
    static final int CURRENT_SIZE = 48;
    static final int TYPE = 60;
    static final int CHECKSUM = 64;

    static final int TABLE_OFFSET = HEADER + 16;
    static final int HEADER_VERSION = HEADER + 24;
    static final int TABLE_ENTRIES = HEADER + 28;
    static final int BLOCK_SIZE = HEADER + 32;
    static final int HEADER_CHECKSUM = HEADER + 36;
    static final int PARENT_NAME = HEADER + 64;
    static final int PARENT_LOCATOR = HEADER + 576;

    private VhdFixture() {}

    static ByteBuffer fixed() {
        ByteBuffer image = ByteBuffer.allocate(BLOCK_BYTES + 512);
        image.putShort(510, (short) 0x55AA);
        putFooter(image, BLOCK_BYTES, 2, BLOCK_BYTES, -1);
        putChecksum(image, BLOCK_BYTES, 512, CHECKSUM);
        return image;
    }

    static ByteBuffer dynamic() {
        ByteBuffer image = ByteBuffer.allocate(END);
        putFooter(image, 0, 3, VIRTUAL_BYTES, HEADER);
        image.putLong(HEADER, 0x6378737061727365L).putLong(HEADER + 8, -1);
        image.putLong(TABLE_OFFSET, TABLE).putInt(HEADER_VERSION, 0x00010000);
        image.putInt(TABLE_ENTRIES, 4).putInt(BLOCK_SIZE, BLOCK_BYTES);
        for (int entry = 0; entry < 512 / 4; entry++) {
            image.putInt(TABLE + 4 * entry, -1);
        }
        image.putInt(TABLE + 4, BLOCK / 512);
        return withChecksums(image);
    }

    /** Writes the checksums, and the second footer. */
    static ByteBuffer withChecksums(ByteBuffer dynamic) {
        putChecksum(dynamic, HEADER, 1024, HEADER_CHECKSUM - HEADER);
        putChecksum(dynamic, 0, 512, CHECKSUM);
        return dynamic.put(dynamic.capacity() - 512, dynamic, 0, 512);
    }

    static void putChecksum(ByteBuffer image, int at, int length, int place) {
        image.putInt(at + place, 0);
        int sum = 0;
        for (int i = at; i < at + length; i++) {
            sum += image.get(i) & 0xFF;
        }
        image.putInt(at + place, ~sum);
    }

    private static void putFooter(ByteBuffer image, int at, int type, long size, long headerOffset) {
        image.putLong(at, 0x636F6E6563746978L).putInt(at + 8, 2).putInt(at + VERSION, 0x00010000);
        image.putLong(at + HEADER_OFFSET, headerOffset);
        image.putLong(at + 40, size).putLong(at + CURRENT_SIZE, size).putInt(at + TYPE, type);
    }
}
