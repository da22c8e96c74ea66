package io.trustedlaunch.agent.imageform;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;

/** A small valid VHDX with the megabytes: headers, log, metadata, block table, the first of two blocks. */
final class VhdxFixture {
    static final int MIB = 1 << 20;
    static final int LOG = MIB;
    static final int METADATA = 2 * MIB;
    static final int TABLE = 3 * MIB;
    static final int BLOCK = 4 * MIB;
    static final int END = 5 * MIB;
    static final long VIRTUAL_BYTES = 2 * MIB;

    static final int HEADER_1 = 1 << 16;
    static final int HEADER_2 = 2 << 16;
    static final int SEQUENCE = 8;
    static final int LOG_ID = 48;
    static final int LOG_VERSION = 64;
    static final int VERSION = 66;
    static final int LOG_LENGTH = 68;
    static final int LOG_OFFSET = 72;

    static final int REGIONS_1 = 3 << 16;
    static final int REGIONS_2 = 4 << 16;
    static final int REGION_COUNT = REGIONS_1 + 8;
    /** Entries for block table and metadata: GUID, offset, length, flags. */
    static final int REGION_TABLE = REGIONS_1 + 16;

    static final int REGION_METADATA = REGION_TABLE + 32;
    static final int REGION_END = REGION_METADATA + 32;

    static final int ITEM_COUNT = METADATA + 10;
    static final int ITEMS = METADATA + 32;
    static final int ITEMS_END = ITEMS + 5 * 32;
    static final int VALUES = METADATA + (1 << 16);
    static final int BLOCK_SIZE = VALUES;
    static final int FLAGS = VALUES + 4;
    static final int DISK_SIZE = VALUES + 8;
    static final int DISK_ID = VALUES + 16;
    static final int LOGICAL_SECTOR = VALUES + 32;
    static final int PHYSICAL_SECTOR = VALUES + 36;
    static final int VALUES_END = VALUES + 40;

    static final String PARENT_LOCATOR = "a8d35f2d-b30b-454d-abf7-d3d84834ab0c";
    static final String UNKNOWN = "00112233-4455-6677-8899-aabbccddeeff";
    static final int IS_REQUIRED = 4;

    private VhdxFixture() {}

    static ByteBuffer valid() {
        ByteBuffer image = ByteBuffer.allocate(END).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0, "vhdxfile".getBytes(US_ASCII));
        putHeader(image, HEADER_1, 8);
        putHeader(image, HEADER_2, 9);
        image.putInt(REGIONS_1, 0x69676572).putInt(REGION_COUNT, 2);
        putRegion(image, REGION_TABLE, "2dc27766-f623-4200-9d64-115e9bfd4a08", TABLE);
        putRegion(image, REGION_METADATA, "8b7ca206-4790-4b9a-b8fe-575f050f886e", METADATA);
        image.putLong(METADATA, 0x617461646174656DL).putShort(ITEM_COUNT, (short) 5);
        putItem(image, 0, "caa16737-fa36-4d43-b3b6-33f0aa44e76b", BLOCK_SIZE, 8, IS_REQUIRED);
        putItem(image, 1, "2fa54224-cd1b-4876-b211-5dbed83bf4b8", DISK_SIZE, 8, IS_REQUIRED);
        putItem(image, 2, "beca12ab-b2e6-4523-93ef-c309e000c746", DISK_ID, 16, IS_REQUIRED);
        putItem(image, 3, "8141bf1d-a96f-4709-ba47-f233a8faab5f", LOGICAL_SECTOR, 4, IS_REQUIRED);
        putItem(image, 4, "cda348c7-445d-4471-9cc9-e9885251c556", PHYSICAL_SECTOR, 4, IS_REQUIRED);
        image.putInt(BLOCK_SIZE, MIB).putLong(DISK_SIZE, VIRTUAL_BYTES).putLong(DISK_ID, 1);
        image.putInt(LOGICAL_SECTOR, 512).putInt(PHYSICAL_SECTOR, 512);
        image.putLong(TABLE, BLOCK | 6);
        return withChecksums(image);
    }

    static void putRegion(ByteBuffer image, int at, String guid, long offset) {
        putGuid(image, at, guid);
        image.putLong(at + 16, offset).putInt(at + 24, MIB).putInt(at + 28, 1);
    }

    static void putItem(ByteBuffer image, int index, String guid, int place, int length, int flags) {
        int at = ITEMS + 32 * index;
        putGuid(image, at, guid);
        image.putInt(at + 16, place - METADATA).putInt(at + 20, length).putInt(at + 24, flags);
    }

    /** Writes the checksums, and the second region table. */
    static ByteBuffer withChecksums(ByteBuffer image) {
        putChecksum(image, HEADER_1, 4096);
        putChecksum(image, HEADER_2, 4096);
        putChecksum(image, REGIONS_1, 1 << 16);
        return image.put(REGIONS_2, image, REGIONS_1, 1 << 16);
    }

    static void putChecksum(ByteBuffer image, int at, int length) {
        image.putInt(at + 4, 0);
        CRC32C sum = new CRC32C();
        sum.update(image.slice(at, length));
        image.putInt(at + 4, (int) sum.getValue());
    }

    private static void putHeader(ByteBuffer image, int at, long sequence) {
        image.putInt(at, 0x64616568).putLong(at + SEQUENCE, sequence).putShort(at + VERSION, (short) 1);
        image.putInt(at + LOG_LENGTH, MIB).putLong(at + LOG_OFFSET, LOG);
    }

    private static void putGuid(ByteBuffer image, int at, String text) {
        UUID guid = UUID.fromString(text);
        long start = guid.getMostSignificantBits();
        image.putInt(at, (int) (start >>> 32))
                .putShort(at + 4, (short) (start >>> 16))
                .putShort(at + 6, (short) start);
        image.putLong(at + 8, Long.reverseBytes(guid.getLeastSignificantBits()));
    }
}
