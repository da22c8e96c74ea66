package io.trustedlaunch.cli.plugin.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Writes a qcow2 of version 3, with clusters of 64 KiB, of a disk whose parts come in any order. A cluster of zeros is not in the
 * file. There is no backing file, data file, snapshot or bitmap, and what a cluster has beyond the disk's end is zero. Not
 * thread-safe.
 *
 * <p>Of each 512 MiB of the disk that have data, 64 KiB are held in memory.
 */
public final class Qcow2Writer {
    /** The format's own limit is higher; agents accept no larger image. */
    public static final long LARGEST = 1L << 46;

    /** A disk's size is a multiple of it. */
    public static final int SECTOR = 512;

    static final int CLUSTER_BITS = 16;
    static final int CLUSTER = 1 << CLUSTER_BITS;

    private static final int ENTRIES = CLUSTER / Long.BYTES;
    private static final long OFFSET = 0x00FFFFFFFFFFFE00L;

    /** The entry's cluster has one reference. */
    private static final long COPIED = 1L << 63;

    private static final long COMPRESSED = 1L << 62;

    private static final ByteBuffer ZEROS = ByteBuffer.allocate(CLUSTER);

    /** Where a compressed cluster's entry has the number of further sectors. */
    private static final int SECTORS_AT = 62 - (CLUSTER_BITS - 8);

    private final Target target;
    private final long bytes;
    private final Optional<ClusterDeflater> deflater;
    private final HostClusters clusters = new HostClusters();
    private final long l1At;

    /** The entries of the clusters of each L2 table; null where nothing was written. */
    private final long[][] tables;

    /** The file. What is not written there is zero. */
    @FunctionalInterface
    public interface Target {
        /** @param bytes all of them are written */
        void write(long at, ByteBuffer bytes) throws IOException;
    }

    /**
     * @param bytes of the disk; a multiple of {@link #SECTOR}, at least one and at most {@link #LARGEST}
     * @param compress whether a cluster is compressed if that makes it smaller
     */
    public Qcow2Writer(Target target, long bytes, boolean compress) {
        if (bytes < SECTOR || bytes > LARGEST || bytes % SECTOR != 0) {
            throw new IllegalArgumentException("a disk of " + bytes + " bytes");
        }
        this.target = target;
        this.bytes = bytes;
        this.deflater = compress ? Optional.of(new ClusterDeflater()) : Optional.empty();
        this.tables = new long[Math.toIntExact(Math.ceilDiv(bytes, (long) CLUSTER * ENTRIES))][];
        clusters.allocate(1);
        this.l1At = clusters.allocate(clustersOf((long) tables.length * Long.BYTES));
    }

    /**
     * Adds a part of the disk, none of which was added before.
     *
     * @throws IOException also if that was so, and it can be seen
     */
    public void write(long offset, ByteBuffer data) throws IOException {
        if (offset < 0 || data.remaining() > bytes - offset) {
            throw new IllegalArgumentException(data.remaining() + " bytes at " + offset + " of a disk of " + bytes);
        }
        long at = offset;
        while (data.hasRemaining()) {
            int length = Math.min(data.remaining(), CLUSTER - (int) (at % CLUSTER));
            ByteBuffer part = data.slice(data.position(), length);
            if (!isZero(part)) {
                put(at, part);
            }
            data.position(data.position() + length);
            at += length;
        }
    }

    /**
     * Writes what makes a file of it. Nothing is written afterwards.
     *
     * @return the bytes of the file
     */
    public long finish() throws IOException {
        ByteBuffer l1 =
                ByteBuffer.allocate(Math.toIntExact((long) clustersOf((long) tables.length * Long.BYTES) * CLUSTER));
        for (long[] table : tables) {
            l1.putLong(table == null ? 0 : COPIED | write(table));
        }
        target.write(l1At, l1.clear());
        HostClusters.Counts counts = clusters.count();
        for (int block = 0; block < counts.blocks(); block++) {
            target.write(counts.blockAt(block), counts.block(block));
        }
        target.write(counts.tableAt(), counts.table());
        target.write(0, header(counts));
        return clusters.bytes();
    }

    private void put(long at, ByteBuffer part) throws IOException {
        int number = Math.toIntExact(at / ((long) CLUSTER * ENTRIES));
        int index = (int) (at / CLUSTER % ENTRIES);
        if (tables[number] == null) {
            tables[number] = new long[ENTRIES];
        }
        long[] table = tables[number];
        if ((table[index] & COMPRESSED) != 0) {
            throw new IOException("the cluster at byte " + at + " of the disk came twice");
        }
        if (table[index] == 0) {
            Optional<ByteBuffer> smaller =
                    part.remaining() == CLUSTER ? deflater.flatMap(deflate -> deflate.smaller(part)) : Optional.empty();
            if (smaller.isPresent()) {
                table[index] = pack(smaller.get());
                return;
            }
            table[index] = COPIED | clusters.allocate(1);
        }
        target.write((table[index] & OFFSET) + at % CLUSTER, part);
    }

    private long pack(ByteBuffer compressed) throws IOException {
        int length = compressed.remaining();
        long at = clusters.pack(length);
        target.write(at, compressed);
        long sectors = (at + length - 1) / SECTOR - at / SECTOR;
        return COMPRESSED | sectors << SECTORS_AT | at;
    }

    private long write(long[] table) throws IOException {
        ByteBuffer encoded = ByteBuffer.allocate(CLUSTER);
        encoded.asLongBuffer().put(table);
        long at = clusters.allocate(1);
        target.write(at, encoded);
        return at;
    }

    private ByteBuffer header(HostClusters.Counts counts) {
        int magic = 0x514649FB;
        int version = 3;
        int length = 104;
        return ByteBuffer.allocate(CLUSTER)
                .putInt(magic)
                .putInt(version)
                .putLong(0) // no backing file
                .putInt(0)
                .putInt(CLUSTER_BITS)
                .putLong(bytes)
                .putInt(0) // not encrypted
                .putInt(tables.length)
                .putLong(l1At)
                .putLong(counts.tableAt())
                .putInt(counts.tableClusters())
                .putInt(0) // no snapshots
                .putLong(0)
                .putLong(0) // no feature that a reader must know, such as a file for the data
                .putLong(0)
                .putLong(0)
                .putInt(HostClusters.COUNT_ORDER)
                .putInt(length)
                .clear();
    }

    static int clustersOf(long bytes) {
        return Math.toIntExact(Math.ceilDiv(bytes, CLUSTER));
    }

    private static boolean isZero(ByteBuffer part) {
        return part.mismatch(ZEROS.slice(0, part.remaining())) < 0;
    }
}
