package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.HostileImage.vhdx;
import static io.trustedlaunch.agent.imageform.HostileImage.vhdxWithoutNewChecksums;
import static io.trustedlaunch.agent.imageform.VhdxFixture.*;

import java.util.List;
import java.util.stream.Stream;

final class HostileVhdxs {
    private HostileVhdxs() {}

    static Stream<HostileImage> all() {
        return Stream.of(headers(), regions(), items(), disks(), blocks()).flatMap(List::stream);
    }

    private static List<HostileImage> headers() {
        return List.of(
                vhdxWithoutNewChecksums(
                        ImageFault.BadChecksum,
                        "another sum of the first header",
                        image -> image.put(HEADER_1 + 4, (byte) 0)),
                vhdxWithoutNewChecksums(
                        ImageFault.BadChecksum,
                        "another sum of the second header",
                        image -> image.put(HEADER_2 + 99, (byte) 1)),
                vhdx(ImageFault.BadHeader, "no first header", image -> image.putInt(HEADER_1, 0)),
                vhdx(ImageFault.BadHeader, "no second header", image -> image.putInt(HEADER_2, 0)),
                vhdx(
                        ImageFault.CopiesDiffer,
                        "two different headers, both current",
                        image -> image.putLong(HEADER_1 + SEQUENCE, 9).putLong(HEADER_1 + 16, 1)),
                vhdx(ImageFault.UnknownVersion, "version 2", image -> image.putShort(HEADER_2 + VERSION, (short) 2)),
                vhdx(
                        ImageFault.UnknownVersion,
                        "a log of version 1",
                        image -> image.putShort(HEADER_2 + LOG_VERSION, (short) 1)),
                vhdx(ImageFault.NotClosed, "a log to be carried out", image -> image.putLong(HEADER_2 + LOG_ID, 1)),
                vhdx(
                        ImageFault.NotClosed,
                        "a log's other half of a name",
                        image -> image.putLong(HEADER_2 + LOG_ID + 8, 1)),
                vhdx(
                        ImageFault.NotClosed,
                        "a log, the first header being newer",
                        image -> image.putLong(HEADER_1 + SEQUENCE, -1).putLong(HEADER_1 + LOG_ID, 1)),
                vhdx(
                        ImageFault.Misaligned,
                        "a log between megabytes",
                        image -> image.putLong(HEADER_2 + LOG_OFFSET, 4096)),
                vhdx(
                        ImageFault.Misaligned,
                        "a log of half a megabyte",
                        image -> image.putInt(HEADER_2 + LOG_LENGTH, MIB / 2)),
                vhdx(ImageFault.TableOutside, "a log outside", image -> image.putLong(HEADER_2 + LOG_OFFSET, END)),
                vhdx(
                        ImageFault.TableOutside,
                        "a log of almost 4 GiB",
                        image -> image.putInt(HEADER_2 + LOG_LENGTH, -MIB)),
                vhdx(ImageFault.Overlap, "the headers as log", image -> image.putLong(HEADER_2 + LOG_OFFSET, 0)),
                vhdxWithoutNewChecksums(ImageFault.TableOutside, "cut in its header", image -> {})
                        .cutTo(HEADER_2 + 100),
                vhdxWithoutNewChecksums(ImageFault.TableOutside, "cut after its headers", image -> {})
                        .cutTo(REGIONS_1));
    }

    private static List<HostileImage> regions() {
        return List.of(
                vhdxWithoutNewChecksums(
                        ImageFault.BadChecksum, "another sum of the regions", image -> image.put(REGION_END, (byte) 1)),
                vhdx(ImageFault.BadHeader, "no regions", image -> image.putInt(REGIONS_1, 0)),
                vhdxWithoutNewChecksums(ImageFault.CopiesDiffer, "other regions the second time", image -> {
                    image.putLong(REGIONS_2 + 32, BLOCK);
                    VhdxFixture.putChecksum(image, REGIONS_2, 1 << 16);
                }),
                vhdx(ImageFault.TableTooLarge, "2048 regions", image -> image.putInt(REGION_COUNT, 2048)),
                vhdx(ImageFault.TableTooLarge, "2^32 - 1 regions", image -> image.putInt(REGION_COUNT, -1)),
                vhdx(ImageFault.BadMetadata, "no metadata", image -> image.putInt(REGION_COUNT, 1)),
                vhdx(
                        ImageFault.NoBlockTable,
                        "no table of blocks",
                        image -> image.putInt(REGION_COUNT, 1).put(REGION_TABLE, image, REGION_METADATA, 32)),
                vhdx(
                        ImageFault.BadHeader,
                        "two tables of blocks",
                        image -> image.putInt(REGION_COUNT, 3)
                                .put(REGION_END, image, REGION_TABLE, 32)
                                .putLong(REGION_END + 16, BLOCK)),
                vhdx(
                        ImageFault.BadHeader,
                        "metadata twice",
                        image -> image.putInt(REGION_COUNT, 3)
                                .put(REGION_END, image, REGION_METADATA, 32)
                                .putLong(REGION_END + 16, BLOCK)
                                .put(BLOCK, image, METADATA, 2 * (1 << 16))),
                vhdx(ImageFault.UnknownFeature, "a region that must be known", image -> {
                    image.putInt(REGION_COUNT, 3);
                    VhdxFixture.putRegion(image, REGION_END, UNKNOWN, BLOCK);
                }),
                vhdx(
                        ImageFault.Misaligned,
                        "a region between megabytes",
                        image -> image.putLong(REGION_TABLE + 16, TABLE + 512)),
                vhdx(
                        ImageFault.Misaligned,
                        "a region of half a megabyte",
                        image -> image.putInt(REGION_TABLE + 24, MIB / 2)),
                vhdx(ImageFault.TableTooSmall, "a region of nothing", image -> image.putInt(REGION_TABLE + 24, 0)),
                vhdx(ImageFault.TableOutside, "a region outside", image -> image.putLong(REGION_TABLE + 16, END)),
                vhdx(
                        ImageFault.TableOutside,
                        "a region before the file",
                        image -> image.putLong(REGION_TABLE + 16, -MIB)),
                vhdx(ImageFault.Overlap, "the headers as region", image -> image.putLong(REGION_TABLE + 16, 0)),
                vhdx(ImageFault.Overlap, "the log as region", image -> image.putLong(REGION_TABLE + 16, LOG)),
                vhdx(ImageFault.Overlap, "the metadata as table", image -> image.putLong(REGION_TABLE + 16, METADATA)));
    }

    private static List<HostileImage> items() {
        return List.of(
                vhdx(ImageFault.BadHeader, "no table of metadata", image -> image.putLong(METADATA, 0)),
                vhdx(ImageFault.TableTooLarge, "2048 fields", image -> image.putShort(ITEM_COUNT, (short) 2048)),
                vhdx(ImageFault.BadMetadata, "a field too few", image -> image.putShort(ITEM_COUNT, (short) 4)),
                vhdx(
                        ImageFault.BadMetadata,
                        "no parameters",
                        image -> image.putInt(ITEMS, 0).putInt(ITEMS + 24, 0)),
                vhdx(
                        ImageFault.BadMetadata,
                        "a size twice",
                        image -> image.putShort(ITEM_COUNT, (short) 6).put(ITEMS_END, image, ITEMS + 32, 32)),
                vhdx(ImageFault.BadMetadata, "a size of 4 bytes", image -> image.putInt(ITEMS + 32 + 20, 4)),
                vhdx(ImageFault.UnknownFeature, "a field that must be known", image -> {
                    image.putShort(ITEM_COUNT, (short) 6);
                    VhdxFixture.putItem(image, 5, UNKNOWN, VALUES, 8, IS_REQUIRED);
                }),
                vhdx(ImageFault.Differencing, "a parent", image -> image.putInt(FLAGS, 2)),
                vhdx(ImageFault.Differencing, "the place of a parent alone", image -> {
                    image.putShort(ITEM_COUNT, (short) 6);
                    VhdxFixture.putItem(image, 5, PARENT_LOCATOR, VALUES_END, 20, IS_REQUIRED);
                }),
                vhdx(ImageFault.TableOutside, "a field in the table", image -> image.putInt(ITEMS + 16, 0)),
                vhdx(ImageFault.TableOutside, "a field in the next region", image -> image.putInt(ITEMS + 16, MIB - 4)),
                vhdx(ImageFault.TableOutside, "a field of 4 GiB", image -> image.putInt(ITEMS + 20, -1)));
    }

    private static List<HostileImage> disks() {
        return List.of(
                vhdx(ImageFault.LargeSectors, "sectors of 4096 bytes", image -> image.putInt(LOGICAL_SECTOR, 4096)),
                vhdx(ImageFault.BadMetadata, "sectors of 0 bytes", image -> image.putInt(LOGICAL_SECTOR, 0)),
                vhdx(ImageFault.UnusualBlockSize, "blocks of 0 bytes", image -> image.putInt(BLOCK_SIZE, 0)),
                vhdx(
                        ImageFault.UnusualBlockSize,
                        "blocks of half a megabyte",
                        image -> image.putInt(BLOCK_SIZE, MIB / 2)),
                vhdx(
                        ImageFault.UnusualBlockSize,
                        "blocks of three megabytes",
                        image -> image.putInt(BLOCK_SIZE, 3 * MIB)),
                vhdx(ImageFault.UnusualBlockSize, "blocks of 2 GiB", image -> image.putInt(BLOCK_SIZE, 1 << 31)),
                vhdx(ImageFault.NoDisk, "no size", image -> image.putLong(DISK_SIZE, 0)),
                vhdx(ImageFault.OddSize, "an odd size", image -> image.putLong(DISK_SIZE, 513)),
                vhdx(ImageFault.TooLarge, "64 TiB and a sector", image -> image.putLong(DISK_SIZE, (1L << 46) + 512)),
                vhdx(ImageFault.TooLarge, "a negative size", image -> image.putLong(DISK_SIZE, -512)));
    }

    private static List<HostileImage> blocks() {
        return List.of(
                vhdx(
                        ImageFault.TableTooSmall,
                        "64 TiB by a megabyte of table",
                        image -> image.putLong(DISK_SIZE, 1L << 46)),
                vhdx(ImageFault.DataOutside, "a block outside", image -> image.putLong(TABLE, END | 6)),
                vhdx(ImageFault.DataOutside, "a block at the last place", image -> image.putLong(TABLE, -MIB | 6)),
                vhdx(ImageFault.DataOutside, "a block that was cut", image -> {})
                        .cutTo(END - 1),
                vhdx(ImageFault.Overlap, "the headers as block", image -> image.putLong(TABLE, 6)),
                vhdx(ImageFault.Overlap, "the table as block", image -> image.putLong(TABLE, TABLE | 6)),
                vhdx(ImageFault.Overlap, "the log as block", image -> image.putLong(TABLE, LOG | 6)),
                vhdx(ImageFault.Overlap, "one block for all the disk", image -> image.putLong(TABLE + 8, BLOCK | 6)),
                vhdx(
                        ImageFault.Differencing,
                        "a block that is partly a parent's",
                        image -> image.putLong(TABLE, BLOCK | 7)),
                vhdx(ImageFault.BadEntry, "a block in state 4", image -> image.putLong(TABLE, BLOCK | 4)),
                vhdx(ImageFault.BadEntry, "a block in state 5", image -> image.putLong(TABLE, BLOCK | 5)),
                vhdx(ImageFault.BadEntry, "a bit that is reserved", image -> image.putLong(TABLE, BLOCK | 8 | 6)));
    }
}
