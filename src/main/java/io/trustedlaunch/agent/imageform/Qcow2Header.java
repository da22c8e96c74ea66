package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The header of a qcow2 that needs no other file.
 *
 * @param l1Table the offsets of the L2 tables, which have the offsets of the disk's data
 * @param refcountTable the offsets of the refcount blocks
 */
record Qcow2Header(long virtualBytes, int version, int clusterBits, ImageTable l1Table, ImageTable refcountTable) {
    private static final int LENGTH = 112;
    private static final int VERSION_2_LENGTH = 72;
    private static final int VERSION_3_LENGTH = 104;

    private static final int MAGIC = 0x514649FB;

    private static final int VERSION = 4;
    private static final int BACKING_OFFSET = 8;
    private static final int BACKING_LENGTH = 16;
    private static final int CLUSTER_BITS = 20;
    private static final int SIZE = 24;
    private static final int ENCRYPTION = 32;
    private static final int L1_ENTRIES = 36;
    private static final int L1_OFFSET = 40;
    private static final int REFCOUNT_TABLE_OFFSET = 48;
    private static final int REFCOUNT_TABLE_CLUSTERS = 56;
    private static final int SNAPSHOTS = 60;
    private static final int INCOMPATIBLE = 72;
    private static final int REFCOUNT_ORDER = 96;
    private static final int HEADER_LENGTH = 100;
    private static final int COMPRESSION = 104;

    private static final long DIRTY = 1;
    private static final long CORRUPT = 1 << 1;
    private static final long EXTERNAL_DATA = 1 << 2;
    private static final long OTHER_COMPRESSION = 1 << 3;
    private static final int ZSTD = 1;

    /** QEMU's limit. */
    private static final int MAX_BACKING_LENGTH = 1023;

    private static final int MAX_REFCOUNT_ORDER = 6;
    private static final int MIN_CLUSTER_BITS = 9;
    private static final int MAX_CLUSTER_BITS = 21;

    /** QEMU's limits. */
    private static final long MAX_L1_BYTES = 32 << 20;

    private static final long MAX_REFCOUNT_TABLE_BYTES = 8 << 20;

    /** First checks that the image needs no other file. */
    static Qcow2Header read(ImageBytes bytes, Qcow2Kind kind) throws IOException, FaultyImageException {
        ByteBuffer header = start(bytes);
        int version = header.getInt(VERSION);
        when(version != 2 && version != 3, ImageFault.UnknownVersion);
        requireSelfContained(header);
        if (version == 3) {
            requireKnownFeatures(header);
        }
        int clusterBits = header.getInt(CLUSTER_BITS);
        when(clusterBits < MIN_CLUSTER_BITS || clusterBits > MAX_CLUSTER_BITS, ImageFault.UnusualBlockSize);
        Qcow2Extensions.requireSupported(bytes, headerLength(header, version, clusterBits), 1L << clusterBits, kind);
        Qcow2Header read = new Qcow2Header(
                header.getLong(SIZE), version, clusterBits, l1Table(header), refcountTable(header, clusterBits));
        read.requireConsistentSizes();
        return read;
    }

    /**
     * The feature that makes QEMU open another file than this one, or ask for a key; empty also if it is no qcow2, which QEMU
     * finds out.
     *
     * @param allowed the only backing file that is none of them
     */
    static Optional<ImageFault> dependence(ImageBytes bytes, Optional<FillBacking> allowed)
            throws IOException, FaultyImageException {
        ByteBuffer header = start(bytes);
        if (header.getInt(0) != MAGIC) {
            return Optional.empty();
        }
        Optional<String> backing = backing(bytes);
        if (backing.isPresent()
                && allowed.filter(fill -> fill.isNamed(backing.get())).isEmpty()) {
            return Optional.of(ImageFault.BackingFile);
        }
        if (header.getInt(ENCRYPTION) != 0) {
            return Optional.of(ImageFault.Encrypted);
        }
        boolean hasFeatures = header.getInt(VERSION) != 2;
        return hasFeatures && (header.getLong(INCOMPATIBLE) & EXTERNAL_DATA) != 0
                ? Optional.of(ImageFault.ExternalDataFile)
                : Optional.empty();
    }

    /** The name of the backing file; empty also if it is no qcow2. */
    static Optional<String> backing(ImageBytes bytes) throws IOException, FaultyImageException {
        ByteBuffer header = start(bytes);
        if (header.getInt(0) != MAGIC || !hasBacking(header)) {
            return Optional.empty();
        }
        int length = header.getInt(BACKING_LENGTH);
        when(length <= 0 || length > MAX_BACKING_LENGTH, ImageFault.BackingFile);
        ByteBuffer name = bytes.read(header.getLong(BACKING_OFFSET), length, ImageFault.BackingFile);
        return Optional.of(StandardCharsets.UTF_8.decode(name).toString());
    }

    private static boolean hasBacking(ByteBuffer header) {
        return header.getLong(BACKING_OFFSET) != 0 || header.getInt(BACKING_LENGTH) != 0;
    }

    /** The fields that an old, short header lacks are zero. */
    private static ByteBuffer start(ImageBytes bytes) throws IOException, FaultyImageException {
        return ByteBuffer.allocate(LENGTH).put(bytes.upTo(0, LENGTH)).flip().limit(LENGTH);
    }

    long clusterBytes() {
        return 1L << clusterBits;
    }

    /** The part of the disk that one L2 table, which is one cluster, describes. */
    long bytesPerL1Entry() {
        return clusterBytes() * (clusterBytes() / Long.BYTES);
    }

    private static void requireSelfContained(ByteBuffer header) throws FaultyImageException {
        when(hasBacking(header), ImageFault.BackingFile);
        when(header.getInt(ENCRYPTION) != 0, ImageFault.Encrypted);
        when(header.getInt(SNAPSHOTS) != 0, ImageFault.Snapshots);
    }

    private static void requireKnownFeatures(ByteBuffer header) throws FaultyImageException {
        long incompatible = header.getLong(INCOMPATIBLE);
        when((incompatible & EXTERNAL_DATA) != 0, ImageFault.ExternalDataFile);
        when((incompatible & DIRTY) != 0, ImageFault.NotClosed);
        when((incompatible & CORRUPT) != 0, ImageFault.MarkedCorrupt);
        when((incompatible & ~OTHER_COMPRESSION) != 0, ImageFault.UnknownFeature);
        int compression = header.getInt(HEADER_LENGTH) > COMPRESSION ? Byte.toUnsignedInt(header.get(COMPRESSION)) : 0;
        when(compression > ZSTD, ImageFault.UnknownFeature);
        when((compression != 0) != ((incompatible & OTHER_COMPRESSION) != 0), ImageFault.BadHeader);
        when(Integer.compareUnsigned(header.getInt(REFCOUNT_ORDER), MAX_REFCOUNT_ORDER) > 0, ImageFault.BadHeader);
    }

    private static int headerLength(ByteBuffer header, int version, int clusterBits) throws FaultyImageException {
        if (version == 2) {
            return VERSION_2_LENGTH;
        }
        int length = header.getInt(HEADER_LENGTH);
        when(length < VERSION_3_LENGTH || length > 1 << clusterBits || length % Long.BYTES != 0, ImageFault.BadHeader);
        return length;
    }

    private static ImageTable l1Table(ByteBuffer header) {
        return table(header.getLong(L1_OFFSET), Integer.toUnsignedLong(header.getInt(L1_ENTRIES)));
    }

    private static ImageTable refcountTable(ByteBuffer header, int clusterBits) {
        long clusters = Integer.toUnsignedLong(header.getInt(REFCOUNT_TABLE_CLUSTERS));
        return table(header.getLong(REFCOUNT_TABLE_OFFSET), (clusters << clusterBits) / Long.BYTES);
    }

    private static ImageTable table(long offset, long entries) {
        return new ImageTable(offset, entries, Long.BYTES, ByteOrder.BIG_ENDIAN);
    }

    private void requireConsistentSizes() throws FaultyImageException {
        when(virtualBytes == 0, ImageFault.NoDisk);
        when(virtualBytes < 0 || virtualBytes > ImageInspector.MAX_DISK_BYTES, ImageFault.TooLarge);
        when(virtualBytes % RawDisk.SECTOR != 0, ImageFault.OddSize);
        when(
                l1Table.bytes() > MAX_L1_BYTES || refcountTable.bytes() > MAX_REFCOUNT_TABLE_BYTES,
                ImageFault.TableTooLarge);
        when(refcountTable.count() == 0, ImageFault.TableTooSmall);
        when(l1Table.count() < Math.ceilDiv(virtualBytes, bytesPerL1Entry()), ImageFault.TableTooSmall);
    }
}
