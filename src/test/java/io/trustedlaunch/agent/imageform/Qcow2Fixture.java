package io.trustedlaunch.agent.imageform;

import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/** A small valid qcow2 with the clusters: header, refcount table, refcounts, L1, L2, data, compressed data, free. */
final class Qcow2Fixture {
    static final int CLUSTER = 512;
    static final int REFCOUNT_TABLE = CLUSTER;
    static final int REFCOUNTS = 2 * CLUSTER;
    static final int L1 = 3 * CLUSTER;
    static final int L2 = 4 * CLUSTER;
    static final int DATA = 5 * CLUSTER;
    static final int COMPRESSED = 6 * CLUSTER;
    static final int FREE = 7 * CLUSTER;
    static final int END = 8 * CLUSTER;

    static final int BACKING = 8;
    static final int CLUSTER_BITS = 20;
    static final int SIZE = 24;
    static final int ENCRYPTION = 32;
    static final int L1_ENTRIES = 36;
    static final int L1_OFFSET = 40;
    static final int REFCOUNT_TABLE_OFFSET = 48;
    static final int REFCOUNT_TABLE_CLUSTERS = 56;
    static final int SNAPSHOTS = 60;
    static final int INCOMPATIBLE = 72;
    static final int REFCOUNT_ORDER = 96;
    static final int HEADER_LENGTH = 100;
    static final int COMPRESSION = 104;
    static final int EXTENSION = 112;

    static final long COPIED = 1L << 63;
    static final long IS_COMPRESSED = 1L << 62;
    static final long VIRTUAL_BYTES = 64 * CLUSTER;

    private Qcow2Fixture() {}

    static ByteBuffer valid() {
        ByteBuffer image = ByteBuffer.allocate(END);
        image.putInt(0, 0x514649FB).putInt(4, 3);
        image.putInt(CLUSTER_BITS, 9).putLong(SIZE, VIRTUAL_BYTES);
        image.putInt(L1_ENTRIES, 1).putLong(L1_OFFSET, L1);
        image.putLong(REFCOUNT_TABLE_OFFSET, REFCOUNT_TABLE).putInt(REFCOUNT_TABLE_CLUSTERS, 1);
        image.putInt(REFCOUNT_ORDER, 4).putInt(HEADER_LENGTH, EXTENSION);
        // The feature name table, which readers may skip.
        image.putInt(EXTENSION, 0x6803F857).putInt(EXTENSION + 4, 48);
        image.putLong(REFCOUNT_TABLE, REFCOUNTS);
        for (int cluster = 0; cluster < FREE / CLUSTER; cluster++) {
            image.putShort(REFCOUNTS + Short.BYTES * cluster, (short) 1);
        }
        image.putLong(L1, COPIED | L2);
        image.putLong(L2, COPIED | DATA);
        image.putLong(L2 + 8, IS_COMPRESSED | COMPRESSED);
        image.putLong(L2 + 16, 1);
        image.put(COMPRESSED, deflatedZeros());
        return image;
    }

    private static byte[] deflatedZeros() {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(new byte[CLUSTER]);
        deflater.finish();
        byte[] out = new byte[CLUSTER];
        deflater.deflate(out);
        deflater.end();
        return out;
    }
}
