package io.trustedlaunch.backup;

import io.trustedlaunch.custody.SegmentCipher;

/**
 * How a disk is cut: into blocks, the smallest that is read or stored; slots of {@value #SLOT_BLOCKS} blocks, whose parts are
 * stored together; and pages of slots, whose places are on record together.
 *
 * @param blockBytes of a block; a multiple of 8
 * @param pageSlots slots in a page
 */
public record Geometry(int blockBytes, int pageSlots) {
    /** A bit for each block fits in a long. */
    public static final int SLOT_BLOCKS = Long.SIZE;

    /** That of every backup: blocks as QEMU tracks changes (64 KiB), slots of 4 MiB, pages of 256 MiB. */
    public static final Geometry STANDARD = new Geometry(64 << 10, 64);

    public int slotBytes() {
        return blockBytes * SLOT_BLOCKS;
    }

    /** Of a block as it is stored. */
    public int blockSealedBytes() {
        return blockBytes + SegmentCipher.TAG_BYTES;
    }

    public int pageBlocks() {
        return pageSlots * SLOT_BLOCKS;
    }

    /** The blocks of a disk, of which the last may be only partly in it. */
    public int blocks(long diskBytes) {
        return Math.toIntExact(Math.ceilDiv(diskBytes, blockBytes));
    }

    /** The pages of a disk. */
    public int pages(long diskBytes) {
        return Math.ceilDiv(blocks(diskBytes), pageBlocks());
    }
}
