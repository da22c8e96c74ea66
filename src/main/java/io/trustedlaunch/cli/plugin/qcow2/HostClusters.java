package io.trustedlaunch.cli.plugin.qcow2;

import static io.trustedlaunch.cli.plugin.qcow2.Qcow2Writer.CLUSTER;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The clusters of the file, one after the other, and how often each is referred to. */
final class HostClusters {
    /** Counts have 16 bits. */
    static final int COUNT_ORDER = 4;

    private static final int COUNTS = CLUSTER / Short.BYTES;
    private static final int ENTRIES = CLUSTER / Long.BYTES;

    private short[] counts = new short[1024];
    private int used;

    /** The end of what was packed last; 0 before the first. */
    private long packedTo;

    /** @return where they begin in the file */
    long allocate(int clusters) {
        long at = extend(clusters);
        Arrays.fill(counts, used - clusters, used, (short) 1);
        return at;
    }

    /**
     * Allocates bytes for a compressed cluster, which may share a cluster with others, and its sectors too.
     *
     * @return where they begin in the file
     */
    long pack(int length) {
        long end = (long) Qcow2Writer.clustersOf(packedTo) * CLUSTER;
        if (packedTo == 0 || (packedTo + length > end && end != bytes())) {
            packedTo = bytes();
            end = packedTo;
        }
        long at = packedTo;
        packedTo += length;
        extend(Qcow2Writer.clustersOf(Math.max(0, packedTo - end)));
        // A reader takes whole sectors, which end with the cluster at the latest.
        for (long cluster = at / CLUSTER; cluster <= (packedTo - 1) / CLUSTER; cluster++) {
            counts[Math.toIntExact(cluster)]++;
        }
        return at;
    }

    /** Bytes of the file so far. */
    long bytes() {
        return (long) used * CLUSTER;
    }

    /** Allocates the clusters that have the counts, with themselves; the last of all. */
    Counts count() {
        int blocks = 1;
        int tables = 1;
        while (true) {
            int needed = Math.ceilDiv(used + blocks + tables, COUNTS);
            int neededTables = Math.ceilDiv(needed, ENTRIES);
            if (needed == blocks && neededTables == tables) {
                break;
            }
            blocks = needed;
            tables = neededTables;
        }
        return new Counts(counts(blocks + tables), allocate(blocks), blocks, allocate(tables), tables);
    }

    /** With those that come. */
    private short[] counts(int more) {
        short[] all = Arrays.copyOf(counts, used + more);
        Arrays.fill(all, used, all.length, (short) 1);
        return all;
    }

    private long extend(int clusters) {
        long at = bytes();
        used = Math.addExact(used, clusters);
        if (used > counts.length) {
            counts = Arrays.copyOf(counts, Math.max(used, Math.multiplyExact(counts.length, 2)));
        }
        return at;
    }

    /**
     * The refcount table and its blocks.
     *
     * @param counts of all clusters of the file
     * @param at where the blocks begin
     */
    record Counts(short[] counts, long at, int blocks, long tableAt, int tableClusters) {
        long blockAt(int block) {
            return at + (long) block * CLUSTER;
        }

        ByteBuffer block(int block) {
            ByteBuffer encoded = ByteBuffer.allocate(CLUSTER);
            int from = block * COUNTS;
            encoded.asShortBuffer().put(counts, from, Math.min(COUNTS, counts.length - from));
            return encoded;
        }

        ByteBuffer table() {
            ByteBuffer encoded = ByteBuffer.allocate(tableClusters * CLUSTER);
            for (int block = 0; block < blocks; block++) {
                encoded.putLong(blockAt(block));
            }
            return encoded.clear();
        }
    }
}
