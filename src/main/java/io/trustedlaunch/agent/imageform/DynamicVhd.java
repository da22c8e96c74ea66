package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A dynamic VHD: it has only the blocks that were written to, and a block allocation table with their offsets. */
final class DynamicVhd {
    private static final int LENGTH = 1024;
    private static final long COOKIE = 0x6378737061727365L;
    private static final int TABLE_OFFSET = 16;
    private static final int VERSION = 24;
    private static final int TABLE_ENTRIES = 28;
    private static final int BLOCK_SIZE = 32;
    private static final int CHECKSUM = 36;
    private static final int PARENT = 40;
    private static final int PARENT_END = 768;

    private static final int VERSION_1 = 0x00010000;
    private static final long UNUSED = 0xFFFFFFFFL;
    private static final long MIN_BLOCK = 1 << 16;
    private static final long MAX_BLOCK = 1 << 28;

    private DynamicVhd() {}

    static void inspect(ImageBytes bytes, VhdFooter footer) throws IOException, FaultyImageException {
        ByteBuffer header = bytes.read(footer.headerOffset(), LENGTH, ImageFault.TableOutside);
        requireSelfContained(header);
        long block = Integer.toUnsignedLong(header.getInt(BLOCK_SIZE));
        when(block < MIN_BLOCK || block > MAX_BLOCK || Long.bitCount(block) != 1, ImageFault.UnusualBlockSize);
        ImageTable table = new ImageTable(
                header.getLong(TABLE_OFFSET),
                Integer.toUnsignedLong(header.getInt(TABLE_ENTRIES)),
                Integer.BYTES,
                ByteOrder.BIG_ENDIAN);
        when(table.count() < Math.ceilDiv(footer.virtualBytes(), block), ImageFault.TableTooSmall);
        bytes.requireInside(table.offset(), table.bytes(), ImageFault.TableOutside);
        when(
                footer.headerOffset() % RawDisk.SECTOR != 0 || table.offset() % RawDisk.SECTOR != 0,
                ImageFault.Misaligned);

        Extents extents = new Extents(
                List.of(
                        new Extents.Extent(0, VhdFooter.LENGTH),
                        new Extents.Extent(footer.headerOffset(), LENGTH),
                        new Extents.Extent(table.offset(), table.bytes()),
                        new Extents.Extent(bytes.size() - VhdFooter.LENGTH, VhdFooter.LENGTH)),
                bitmapBytes(block) + block);
        bytes.visit(table, (index, entry) -> {
            if (entry != UNUSED) {
                bytes.requireInside(entry * RawDisk.SECTOR, extents.blockBytes(), ImageFault.DataOutside);
                extents.addBlock(entry * RawDisk.SECTOR);
            }
        });
        extents.requireDisjoint();
    }

    private static void requireSelfContained(ByteBuffer header) throws FaultyImageException {
        when(header.getLong(0) != COOKIE, ImageFault.BadHeader);
        when(!VhdFooter.hasValidChecksum(header, CHECKSUM), ImageFault.BadChecksum);
        when(header.getInt(VERSION) != VERSION_1, ImageFault.UnknownVersion);
        ByteBuffer parent = header.slice(PARENT, PARENT_END - PARENT);
        when(parent.mismatch(ByteBuffer.allocate(parent.capacity())) >= 0, ImageFault.Differencing);
    }

    /** Each block begins with a bitmap of the sectors that were written to. */
    private static long bitmapBytes(long block) {
        long bytes = block / RawDisk.SECTOR / Byte.SIZE;
        return Math.ceilDiv(bytes, RawDisk.SECTOR) * RawDisk.SECTOR;
    }
}
