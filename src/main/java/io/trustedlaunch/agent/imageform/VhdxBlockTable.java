package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.nio.ByteOrder;

/** The block allocation table of a VHDX. After each group of blocks it has a bitmap entry for differencing disks. */
record VhdxBlockTable(ImageBytes bytes, AllocationMap allocations, VhdxMetadata disk) {
    private static final long SECTORS_PER_BITMAP = 1L << 23;

    private static final long STATE = 7;
    private static final long OFFSET = -1L << 20;

    private static final int NOT_PRESENT = 0;
    private static final int UNDEFINED = 1;
    private static final int ZERO = 2;
    private static final int UNMAPPED = 3;
    private static final int PRESENT = 6;
    private static final int PARTIALLY_PRESENT = 7;

    void check(VhdxRegions.Region region) throws IOException, FaultyImageException {
        long blocks = Math.ceilDiv(disk.virtualBytes(), disk.blockBytes());
        long entries = blocks + (blocks - 1) / perBitmap();
        when(entries > region.length() / Long.BYTES, ImageFault.TableTooSmall);
        bytes.visit(new ImageTable(region.offset(), entries, Long.BYTES, ByteOrder.LITTLE_ENDIAN), this::check);
    }

    private long perBitmap() {
        return SECTORS_PER_BITMAP * RawDisk.SECTOR / disk.blockBytes();
    }

    private void check(long index, long entry) throws FaultyImageException {
        when((entry & ~STATE & ~OFFSET) != 0, ImageFault.BadEntry);
        long group = index / (perBitmap() + 1);
        boolean isBitmap = index % (perBitmap() + 1) == perBitmap();
        switch ((int) (entry & STATE)) {
            case NOT_PRESENT, UNDEFINED, ZERO, UNMAPPED -> {}
            case PRESENT -> allocate(entry & OFFSET, isBitmap ? Vhdx.ALIGNMENT : blockBytes(index - group));
            case PARTIALLY_PRESENT -> throw new FaultyImageException(ImageFault.Differencing);
            default -> throw new FaultyImageException(ImageFault.BadEntry);
        }
    }

    /** A file may omit the part of the last block past the disk's end. */
    private long blockBytes(long block) {
        return Math.min(disk.blockBytes(), disk.virtualBytes() - block * disk.blockBytes());
    }

    private void allocate(long offset, long length) throws FaultyImageException {
        bytes.requireInside(offset, length, ImageFault.DataOutside);
        allocations.allocate(offset, length);
    }
}
