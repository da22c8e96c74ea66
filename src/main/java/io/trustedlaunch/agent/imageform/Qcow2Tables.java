package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.nio.ByteOrder;

/** Follows every table of a qcow2, each once. Whether the counts of references are right is for qemu-img to check. */
final class Qcow2Tables {
    private static final long OFFSET = 0x00FFFFFFFFFFFE00L;
    private static final long IN_USE_ONCE = 1L << 63;
    private static final long COMPRESSED = 1L << 62;
    private static final long ZEROS = 1;

    private final ImageBytes bytes;
    private final Qcow2Header header;
    private final Occupancy occupancy;

    private Qcow2Tables(ImageBytes bytes, Qcow2Header header) throws FaultyImageException {
        this.bytes = bytes;
        this.header = header;
        this.occupancy = new Occupancy(bytes.size(), header.clusterBytes());
    }

    static long inspect(ImageBytes bytes) throws IOException, FaultyImageException {
        Qcow2Header header = Qcow2Header.read(bytes);
        new Qcow2Tables(bytes, header).follow();
        return header.virtualBytes();
    }

    private void follow() throws IOException, FaultyImageException {
        occupancy.take(0, header.clusterBytes());
        takeTable(header.refcounts());
        takeTable(header.mapping());
        bytes.visit(header.refcounts(), (index, entry) -> takeRefcounts(entry));
        bytes.visit(header.mapping(), this::followMapping);
    }

    private void takeRefcounts(long entry) throws FaultyImageException {
        when((entry & ~OFFSET) != 0, ImageFault.BadEntry);
        if (entry != 0) {
            takeTable(cluster(entry));
        }
    }

    private void followMapping(long index, long entry) throws IOException, FaultyImageException {
        when((entry & ~OFFSET & ~IN_USE_ONCE) != 0, ImageFault.BadEntry);
        long offset = entry & OFFSET;
        if (offset == 0) {
            return;
        }
        ImageTable table = cluster(offset);
        takeTable(table);
        bytes.visit(
                table, (at, data) -> followData(index * header.bytesPerMapping() + at * header.clusterBytes(), data));
    }

    private ImageTable cluster(long offset) {
        return new ImageTable(offset, header.clusterBytes() / Long.BYTES, Long.BYTES, ByteOrder.BIG_ENDIAN);
    }

    private void takeTable(ImageTable table) throws FaultyImageException {
        when(table.offset() % header.clusterBytes() != 0, ImageFault.Misaligned);
        bytes.requireInside(table.offset(), table.bytes(), ImageFault.TableOutside);
        occupancy.take(table.offset(), table.bytes());
    }

    /** @param guestOffset where on the disk it is: of the disk's last cluster a file need not have what is past the end */
    private void followData(long guestOffset, long entry) throws FaultyImageException {
        if ((entry & COMPRESSED) != 0) {
            shareCompressed(entry);
            return;
        }
        when((entry & ~OFFSET & ~IN_USE_ONCE & ~ZEROS) != 0, ImageFault.BadEntry);
        when((entry & ZEROS) != 0 && header.version() < 3, ImageFault.BadEntry);
        long offset = entry & OFFSET;
        if (offset == 0) {
            return;
        }
        when(offset % header.clusterBytes() != 0, ImageFault.Misaligned);
        long used = Math.clamp(header.virtualBytes() - guestOffset, RawDisk.SECTOR, header.clusterBytes());
        bytes.requireInside(offset, used, ImageFault.DataOutside);
        occupancy.take(offset, header.clusterBytes());
    }

    /** Its length is in sectors, of which the file need not have all of the last one. */
    private void shareCompressed(long entry) throws FaultyImageException {
        int lengthAt = Long.SIZE - 2 - (header.clusterBits() - Byte.SIZE);
        long offset = entry & ((1L << lengthAt) - 1);
        long more = (entry & ~IN_USE_ONCE & ~COMPRESSED) >>> lengthAt;
        long lastSector = offset / RawDisk.SECTOR + more;
        when(offset == 0, ImageFault.BadEntry);
        bytes.requireInside(lastSector * RawDisk.SECTOR, 1, ImageFault.DataOutside);
        occupancy.share(offset, (lastSector + 1) * RawDisk.SECTOR - offset);
    }
}
