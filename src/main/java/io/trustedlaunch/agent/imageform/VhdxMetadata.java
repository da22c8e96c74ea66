package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.Map;

/** The metadata of a VHDX about its disk. */
record VhdxMetadata(long virtualBytes, long blockBytes) {
    private static final int TABLE_LENGTH = 1 << 16;
    private static final long SIGNATURE = 0x617461646174656DL;
    private static final int COUNT = 10;
    private static final int ENTRIES = 32;
    private static final int ENTRY_LENGTH = 32;
    private static final int MAX_COUNT = 2047;
    private static final int REQUIRED = 1 << 2;

    private static final int HAS_PARENT = 1 << 1;
    private static final long MIN_BLOCK = 1 << 20;
    private static final long MAX_BLOCK = 1 << 28;

    private enum Item {
        Parameters(8),
        DiskSize(8),
        DiskId(16),
        LogicalSector(4),
        PhysicalSector(4),
        ParentLocator(0);

        private final int length;

        Item(int length) {
            this.length = length;
        }
    }

    private static final Map<VhdxGuid, Item> KNOWN = Map.of(
            VhdxGuid.of("caa16737-fa36-4d43-b3b6-33f0aa44e76b"), Item.Parameters,
            VhdxGuid.of("2fa54224-cd1b-4876-b211-5dbed83bf4b8"), Item.DiskSize,
            VhdxGuid.of("beca12ab-b2e6-4523-93ef-c309e000c746"), Item.DiskId,
            VhdxGuid.of("8141bf1d-a96f-4709-ba47-f233a8faab5f"), Item.LogicalSector,
            VhdxGuid.of("cda348c7-445d-4471-9cc9-e9885251c556"), Item.PhysicalSector,
            VhdxGuid.of("a8d35f2d-b30b-454d-abf7-d3d84834ab0c"), Item.ParentLocator);

    static VhdxMetadata read(ImageBytes bytes, VhdxRegions.Region region) throws IOException, FaultyImageException {
        Map<Item, ByteBuffer> items = items(bytes, region);
        ByteBuffer parameters = item(items, Item.Parameters);
        long block = Integer.toUnsignedLong(parameters.getInt(0));
        boolean hasParent = (parameters.getInt(Integer.BYTES) & HAS_PARENT) != 0;
        when(hasParent || items.containsKey(Item.ParentLocator), ImageFault.Differencing);
        item(items, Item.DiskId);
        item(items, Item.PhysicalSector);
        int sector = item(items, Item.LogicalSector).getInt(0);
        when(sector == 4096, ImageFault.LargeSectors);
        when(sector != RawDisk.SECTOR, ImageFault.BadMetadata);
        when(block < MIN_BLOCK || block > MAX_BLOCK || Long.bitCount(block) != 1, ImageFault.UnusualBlockSize);
        return new VhdxMetadata(size(item(items, Item.DiskSize).getLong(0)), block);
    }

    private static long size(long bytes) throws FaultyImageException {
        when(bytes == 0, ImageFault.NoDisk);
        when(bytes < 0 || bytes > ImageInspector.MAX_DISK_BYTES, ImageFault.TooLarge);
        when(bytes % RawDisk.SECTOR != 0, ImageFault.OddSize);
        return bytes;
    }

    private static ByteBuffer item(Map<Item, ByteBuffer> items, Item item) throws FaultyImageException {
        ByteBuffer found = items.get(item);
        when(found == null, ImageFault.BadMetadata);
        return found;
    }

    private static Map<Item, ByteBuffer> items(ImageBytes bytes, VhdxRegions.Region region)
            throws IOException, FaultyImageException {
        ByteBuffer table = bytes.read(region.offset(), TABLE_LENGTH, ImageFault.TableOutside)
                .order(ByteOrder.LITTLE_ENDIAN);
        when(table.getLong(0) != SIGNATURE, ImageFault.BadHeader);
        int count = Short.toUnsignedInt(table.getShort(COUNT));
        when(count > MAX_COUNT, ImageFault.TableTooLarge);
        Map<Item, ByteBuffer> items = new EnumMap<>(Item.class);
        for (int i = 0; i < count; i++) {
            ByteBuffer entry =
                    table.slice(ENTRIES + i * ENTRY_LENGTH, ENTRY_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            Item item = KNOWN.get(VhdxGuid.read(entry));
            long offset = Integer.toUnsignedLong(entry.getInt());
            long length = Integer.toUnsignedLong(entry.getInt());
            when(item == null && (entry.getInt() & REQUIRED) != 0, ImageFault.UnknownFeature);
            if (item != null) {
                ByteBuffer value = value(bytes, region, offset, length, item);
                when(items.put(item, value) != null, ImageFault.BadMetadata);
            }
        }
        return items;
    }

    private static ByteBuffer value(ImageBytes bytes, VhdxRegions.Region region, long offset, long length, Item item)
            throws IOException, FaultyImageException {
        boolean inside = offset >= TABLE_LENGTH && offset <= region.length() - length;
        when(!inside, ImageFault.TableOutside);
        when(length < item.length, ImageFault.BadMetadata);
        return bytes.read(region.offset() + offset, item.length, ImageFault.TableOutside)
                .order(ByteOrder.LITTLE_ENDIAN);
    }
}
