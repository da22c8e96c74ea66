package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The regions of a VHDX: its block allocation table and its metadata. */
record VhdxRegions(Region blocks, Region metadata) {
    private static final int[] OFFSETS = {3 << 16, 4 << 16};
    private static final int LENGTH = 1 << 16;

    private static final int SIGNATURE = 0x69676572;
    private static final int COUNT = 8;
    private static final int ENTRIES = 16;
    private static final int ENTRY_LENGTH = 32;
    private static final int MAX_COUNT = 2047;
    private static final int REQUIRED = 1;

    private static final VhdxGuid BLOCKS = VhdxGuid.of("2dc27766-f623-4200-9d64-115e9bfd4a08");
    private static final VhdxGuid METADATA = VhdxGuid.of("8b7ca206-4790-4b9a-b8fe-575f050f886e");

    record Region(long offset, long length) {}

    static VhdxRegions read(ImageBytes bytes, AllocationMap allocations) throws IOException, FaultyImageException {
        ByteBuffer table = table(bytes, OFFSETS[0]);
        when(!table.equals(table(bytes, OFFSETS[1])), ImageFault.CopiesDiffer);
        long count = Integer.toUnsignedLong(table.getInt(COUNT));
        when(count > MAX_COUNT, ImageFault.TableTooLarge);
        Region blocks = null;
        Region metadata = null;
        for (int i = 0; i < count; i++) {
            ByteBuffer entry =
                    table.slice(ENTRIES + i * ENTRY_LENGTH, ENTRY_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            VhdxGuid type = VhdxGuid.read(entry);
            Region region = region(bytes, allocations, entry);
            if (type.equals(BLOCKS)) {
                when(blocks != null, ImageFault.BadHeader);
                blocks = region;
            } else if (type.equals(METADATA)) {
                when(metadata != null, ImageFault.BadHeader);
                metadata = region;
            } else {
                when((entry.getInt() & REQUIRED) != 0, ImageFault.UnknownFeature);
            }
        }
        when(blocks == null, ImageFault.NoBlockTable);
        when(metadata == null, ImageFault.BadMetadata);
        return new VhdxRegions(blocks, metadata);
    }

    private static ByteBuffer table(ImageBytes bytes, int offset) throws IOException, FaultyImageException {
        ByteBuffer table = bytes.read(offset, LENGTH, ImageFault.TableOutside).order(ByteOrder.LITTLE_ENDIAN);
        when(table.getInt(0) != SIGNATURE, ImageFault.BadHeader);
        VhdxChecksum.require(table);
        return table;
    }

    private static Region region(ImageBytes bytes, AllocationMap allocations, ByteBuffer entry)
            throws FaultyImageException {
        Region region = new Region(entry.getLong(), Integer.toUnsignedLong(entry.getInt()));
        when(region.offset() % Vhdx.ALIGNMENT != 0 || region.length() % Vhdx.ALIGNMENT != 0, ImageFault.Misaligned);
        bytes.requireInside(region.offset(), region.length(), ImageFault.TableOutside);
        allocations.allocate(region.offset(), region.length());
        return region;
    }
}
