package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.nio.ByteOrder;

/** Follows a VHDX's table of blocks: those of its disk, and after so many of them one that only differencing disks use. */
record VhdxBlocks(ImageBytes bytes, Occupancy occupancy, VhdxDisk disk) {
    private static final long SECTORS_PER_BITMAP = 1L << 23;

    private static final long STATE = 7;
    private static final long OFFSET = -1L << 20;

    private static final int NOT_PRESENT = 0;
    private static final int UNDEFINED = 1;
    private static final int ZERO = 2;
    private static final int UNMAPPED = 3;
    private static final int PRESENT = 6;
    private static final int PARTIALLY_PRESENT = 7;

    void follow(VhdxRegions.Region region) throws IOException, FaultyImageException {
        long blocks = Math.ceilDiv(disk.virtualBytes(), disk.blockBytes());
        long entries = blocks + (blocks - 1) / perBitmap();
        when(entries > region.length() / Long.BYTES, ImageFault.TableTooSmall);
        bytes.visit(new ImageTable(region.offset(), entries, Long.BYTES, ByteOrder.LITTLE_ENDIAN), this::follow);
    }

    private long perBitmap() {
        return SECTORS_PER_BITMAP * RawDisk.SECTOR / disk.blockBytes();
    }

    private void follow(long index, long entry) throws FaultyImageException {
        when((entry & ~STATE & ~OFFSET) != 0, ImageFault.BadEntry);
        long group = index / (perBitmap() + 1);
        boolean isBitmap = index % (perBitmap() + 1) == perBitmap();
        switch ((int) (entry & STATE)) {
            case NOT_PRESENT, UNDEFINED, ZERO, UNMAPPED -> {}
            case PRESENT -> take(entry & OFFSET, isBitmap ? Vhdx.PART : blockBytes(index - group));
            case PARTIALLY_PRESENT -> throw new FaultyImageException(ImageFault.Differencing);
            default -> throw new FaultyImageException(ImageFault.BadEntry);
        }
    }

    /** Of the disk's last block a file need not have what is past the end. */
    private long blockBytes(long block) {
        return Math.min(disk.blockBytes(), disk.virtualBytes() - block * disk.blockBytes());
    }

    private void take(long offset, long length) throws FaultyImageException {
        bytes.requireInside(offset, length, ImageFault.DataOutside);
        occupancy.take(offset, length);
    }
}
