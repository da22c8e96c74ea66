package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.nio.ByteOrder;

/** Checks every table of a qcow2, each once. The values of the refcounts are left to {@code qemu-img check}. */
final class Qcow2Tables {
    private static final long OFFSET = 0x00FFFFFFFFFFFE00L;
    private static final long COPIED = 1L << 63;
    private static final long COMPRESSED = 1L << 62;
    private static final long ZEROS = 1;

    private final ImageBytes bytes;
    private final Qcow2Header header;
    private final AllocationMap allocations;

    private Qcow2Tables(ImageBytes bytes, Qcow2Header header) throws FaultyImageException {
        this.bytes = bytes;
        this.header = header;
        this.allocations = new AllocationMap(bytes.size(), header.clusterBytes());
    }

    static long inspect(ImageBytes bytes, Qcow2Kind kind) throws IOException, FaultyImageException {
        Qcow2Header header = Qcow2Header.read(bytes, kind);
        new Qcow2Tables(bytes, header).check();
        return header.virtualBytes();
    }

    private void check() throws IOException, FaultyImageException {
        allocations.allocate(0, header.clusterBytes());
        allocateTable(header.refcountTable());
        allocateTable(header.l1Table());
        bytes.visit(header.refcountTable(), (index, entry) -> checkRefcountTableEntry(entry));
        bytes.visit(header.l1Table(), this::checkL1Entry);
    }

    private void checkRefcountTableEntry(long entry) throws FaultyImageException {
        when((entry & ~OFFSET) != 0, ImageFault.BadEntry);
        if (entry != 0) {
            allocateTable(cluster(entry));
        }
    }

    private void checkL1Entry(long index, long entry) throws IOException, FaultyImageException {
        when((entry & ~OFFSET & ~COPIED) != 0, ImageFault.BadEntry);
        long offset = entry & OFFSET;
        if (offset == 0) {
            return;
        }
        ImageTable table = cluster(offset);
        allocateTable(table);
        bytes.visit(
                table, (at, data) -> checkL2Entry(index * header.bytesPerL1Entry() + at * header.clusterBytes(), data));
    }

    private ImageTable cluster(long offset) {
        return new ImageTable(offset, header.clusterBytes() / Long.BYTES, Long.BYTES, ByteOrder.BIG_ENDIAN);
    }

    private void allocateTable(ImageTable table) throws FaultyImageException {
        when(table.offset() % header.clusterBytes() != 0, ImageFault.Misaligned);
        bytes.requireInside(table.offset(), table.bytes(), ImageFault.TableOutside);
        allocations.allocate(table.offset(), table.bytes());
    }

    /** @param guestOffset the offset on the disk; a file may omit the part of the last cluster past the disk's end */
    private void checkL2Entry(long guestOffset, long entry) throws FaultyImageException {
        if ((entry & COMPRESSED) != 0) {
            allocateCompressed(entry);
            return;
        }
        when((entry & ~OFFSET & ~COPIED & ~ZEROS) != 0, ImageFault.BadEntry);
        when((entry & ZEROS) != 0 && header.version() < 3, ImageFault.BadEntry);
        long offset = entry & OFFSET;
        if (offset == 0) {
            return;
        }
        when(offset % header.clusterBytes() != 0, ImageFault.Misaligned);
        long used = Math.clamp(header.virtualBytes() - guestOffset, RawDisk.SECTOR, header.clusterBytes());
        bytes.requireInside(offset, used, ImageFault.DataOutside);
        allocations.allocate(offset, header.clusterBytes());
    }

    /** The length is in sectors; the file may omit part of the last one. */
    private void allocateCompressed(long entry) throws FaultyImageException {
        int lengthAt = Long.SIZE - 2 - (header.clusterBits() - Byte.SIZE);
        long offset = entry & ((1L << lengthAt) - 1);
        long more = (entry & ~COPIED & ~COMPRESSED) >>> lengthAt;
        long lastSector = offset / RawDisk.SECTOR + more;
        when(offset == 0, ImageFault.BadEntry);
        bytes.requireInside(lastSector * RawDisk.SECTOR, 1, ImageFault.DataOutside);
        allocations.allocateShared(offset, (lastSector + 1) * RawDisk.SECTOR - offset);
    }
}
