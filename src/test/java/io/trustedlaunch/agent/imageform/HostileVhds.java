package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.HostileImage.fixedVhd;
import static io.trustedlaunch.agent.imageform.HostileImage.vhd;
import static io.trustedlaunch.agent.imageform.HostileImage.vhdWithoutNewChecksums;
import static io.trustedlaunch.agent.imageform.VhdFixture.*;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;

final class HostileVhds {
    private HostileVhds() {}

    static Stream<HostileImage> all() {
        return Stream.of(fixed(), footers(), headers(), tables()).flatMap(List::stream);
    }

    private static List<HostileImage> fixed() {
        return List.of(
                fixedVhd(
                        ImageFault.SizesDiffer,
                        "more than the file has",
                        image -> image.putLong(BLOCK_BYTES + CURRENT_SIZE, BLOCK_BYTES + 512)),
                fixedVhd(
                        ImageFault.SizesDiffer,
                        "less than the file has",
                        image -> image.putLong(BLOCK_BYTES + CURRENT_SIZE, BLOCK_BYTES - 512)),
                fixedVhd(ImageFault.Differencing, "a parent", image -> image.putInt(BLOCK_BYTES + TYPE, 4)),
                fixedVhd(ImageFault.UnknownFeature, "type 0", image -> image.putInt(BLOCK_BYTES + TYPE, 0)),
                fixedVhd(ImageFault.UnknownFeature, "type -1", image -> image.putInt(BLOCK_BYTES + TYPE, -1)),
                fixedVhd(ImageFault.UnknownVersion, "version 2", image -> image.putInt(BLOCK_BYTES + VERSION, 0x20000)),
                fixedVhd(ImageFault.NoDisk, "no size", image -> image.putLong(BLOCK_BYTES + CURRENT_SIZE, 0)),
                fixedVhd(ImageFault.OddSize, "an odd size", image -> image.putLong(BLOCK_BYTES + CURRENT_SIZE, 65535)),
                fixedVhd(
                        ImageFault.TooLarge,
                        "2040 GiB and a sector",
                        image -> image.putLong(BLOCK_BYTES + CURRENT_SIZE, 0xFF000001L << 9)),
                fixedVhd(
                        ImageFault.TooLarge,
                        "a negative size",
                        image -> image.putLong(BLOCK_BYTES + CURRENT_SIZE, -512)),
                // A dynamic disk by its start, a fixed one by its end.
                fixedVhd(
                        ImageFault.CopiesDiffer,
                        "a dynamic one's start",
                        image -> image.put(0, VhdFixture.dynamic(), 0, 4096)));
    }

    private static List<HostileImage> footers() {
        return List.of(
                vhd(ImageFault.Differencing, "a parent", image -> image.putInt(TYPE, 4)),
                vhd(ImageFault.UnknownVersion, "version 2", image -> image.putInt(VERSION, 0x20000)),
                vhdWithoutNewChecksums(
                        ImageFault.BadChecksum, "another sum", image -> image.put(FOOTER + CHECKSUM, (byte) 0)),
                vhdWithoutNewChecksums(
                        ImageFault.CopiesDiffer,
                        "a start that says otherwise",
                        image -> image.putLong(CURRENT_SIZE, 512)),
                vhdWithoutNewChecksums(ImageFault.CopiesDiffer, "a start of zeros", image -> image.putLong(0, 0)),
                vhdWithoutNewChecksums(ImageFault.NoFooter, "cut", image -> {}).cutTo(END - 1),
                vhdWithoutNewChecksums(ImageFault.NoFooter, "cut to its start", image -> {})
                        .cutTo(511),
                new HostileImage(
                        ImageFault.NoFooter,
                        "VHD: something behind it",
                        ByteBuffer.allocate(END + 512).put(0, VhdFixture.dynamic(), 0, END)));
    }

    private static List<HostileImage> headers() {
        return List.of(
                vhd(ImageFault.BadHeader, "no header", image -> image.putLong(HEADER, 0)),
                vhd(ImageFault.BadHeader, "the footer as its header", image -> image.putLong(HEADER_OFFSET, 0)),
                vhd(ImageFault.TableOutside, "a header outside", image -> image.putLong(HEADER_OFFSET, END)),
                vhd(ImageFault.TableOutside, "a header at -1", image -> image.putLong(HEADER_OFFSET, -1)),
                vhdWithoutNewChecksums(
                        ImageFault.BadChecksum, "another sum of the header", image -> image.putInt(HEADER_CHECKSUM, 0)),
                vhd(ImageFault.UnknownVersion, "a header of version 2", image -> image.putInt(HEADER_VERSION, 0x20000)),
                vhd(ImageFault.Differencing, "a parent's name", image -> image.putChar(PARENT_NAME, 'p')),
                vhd(ImageFault.Differencing, "a parent's place", image -> image.putInt(PARENT_LOCATOR, 0x57326B75)),
                vhd(ImageFault.UnusualBlockSize, "blocks of 0 bytes", image -> image.putInt(BLOCK_SIZE, 0)),
                vhd(ImageFault.UnusualBlockSize, "blocks of 32 KiB", image -> image.putInt(BLOCK_SIZE, 1 << 15)),
                vhd(ImageFault.UnusualBlockSize, "blocks of 2 GiB", image -> image.putInt(BLOCK_SIZE, 1 << 31)),
                vhd(ImageFault.UnusualBlockSize, "blocks of 96 KiB", image -> image.putInt(BLOCK_SIZE, 3 << 15)));
    }

    private static List<HostileImage> tables() {
        return List.of(
                vhd(ImageFault.TableTooSmall, "a table of three", image -> image.putInt(TABLE_ENTRIES, 3)),
                vhd(
                        ImageFault.TableTooSmall,
                        "2040 GiB by a table of four",
                        image -> image.putLong(CURRENT_SIZE, 0xFF000000L << 9)),
                vhd(ImageFault.TableOutside, "a table of 2^32 - 1", image -> image.putInt(TABLE_ENTRIES, -1)),
                vhd(ImageFault.TableOutside, "a table outside", image -> image.putLong(TABLE_OFFSET, END)),
                vhd(ImageFault.TableOutside, "a table at -512", image -> image.putLong(TABLE_OFFSET, -512)),
                vhd(ImageFault.Misaligned, "a table in a sector", image -> image.putLong(TABLE_OFFSET, TABLE + 4)),
                vhd(ImageFault.Overlap, "the footer as its table", image -> image.putLong(TABLE_OFFSET, 0)),
                vhd(ImageFault.Overlap, "the header as its table", image -> image.putLong(TABLE_OFFSET, HEADER + 512)),
                vhd(ImageFault.DataOutside, "a block outside", image -> image.putInt(TABLE, END / 512)),
                vhd(
                        ImageFault.DataOutside,
                        "a block that goes on outside",
                        image -> image.putInt(TABLE, BLOCK / 512 + 2)),
                vhd(ImageFault.DataOutside, "a block at 2 TiB", image -> image.putInt(TABLE, -2)),
                vhd(
                        ImageFault.Overlap,
                        "a block in the last footer",
                        image -> image.putInt(TABLE + 4, BLOCK / 512 + 1)),
                vhd(ImageFault.Overlap, "a block in the table", image -> image.putInt(TABLE + 4, TABLE / 512)),
                vhd(ImageFault.Overlap, "a block in the first footer", image -> image.putInt(TABLE, 0)),
                vhd(ImageFault.Overlap, "one block for all the disk", image -> image.putInt(TABLE, BLOCK / 512)),
                vhd(
                        ImageFault.Overlap,
                        "a block past the disk, in another",
                        image -> image.putInt(TABLE_ENTRIES, 5).putInt(TABLE + 16, BLOCK / 512)),
                shorter());
    }

    /** Truncated, with a footer at its new end. */
    private static HostileImage shorter() {
        ByteBuffer image = ByteBuffer.allocate(END - 4096).put(0, VhdFixture.dynamic(), 0, END - 4096);
        return new HostileImage(ImageFault.DataOutside, "VHD: a block that was cut", VhdFixture.withChecksums(image));
    }
}
