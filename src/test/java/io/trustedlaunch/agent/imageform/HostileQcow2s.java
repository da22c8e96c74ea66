package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.HostileImage.qcow2;
import static io.trustedlaunch.agent.imageform.Qcow2Fixture.*;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

final class HostileQcow2s {
    private static final long OUTSIDE = 1L << 40;

    private HostileQcow2s() {}

    static Stream<HostileImage> all() {
        return Stream.of(
                        notSelfContained(),
                        unsupported(),
                        inconsistentSizes(),
                        misplaced(),
                        overlapping(),
                        badEntries())
                .flatMap(List::stream);
    }

    private static List<HostileImage> notSelfContained() {
        return List.of(
                qcow2(
                        ImageFault.BackingFile,
                        "a backing file",
                        image -> image.putLong(BACKING, EXTENSION).putInt(BACKING + 8, 11)),
                qcow2(ImageFault.BackingFile, "a backing file's length alone", image -> image.putInt(BACKING + 8, 11)),
                qcow2(
                        ImageFault.BackingFile,
                        "a backing file in version 2",
                        image -> image.putInt(4, 2).putLong(BACKING, EXTENSION)),
                qcow2(ImageFault.ExternalDataFile, "an external data file", image -> image.putLong(INCOMPATIBLE, 4)),
                qcow2(
                        ImageFault.ExternalDataFile,
                        "the name of a data file alone",
                        image -> extension(image, 0x44415441)),
                qcow2(ImageFault.Encrypted, "AES", image -> image.putInt(ENCRYPTION, 1)),
                qcow2(ImageFault.Encrypted, "LUKS", image -> image.putInt(ENCRYPTION, 2)),
                qcow2(ImageFault.Encrypted, "a LUKS header alone", image -> extension(image, 0x0537BE77)),
                qcow2(ImageFault.Snapshots, "a snapshot", image -> image.putInt(SNAPSHOTS, 1)),
                qcow2(ImageFault.Bitmaps, "bitmaps", image -> extension(image, 0x23852875)));
    }

    private static List<HostileImage> unsupported() {
        return List.of(
                qcow2(ImageFault.UnknownVersion, "version 1", image -> image.putInt(4, 1)),
                qcow2(ImageFault.UnknownVersion, "version 4", image -> image.putInt(4, 4)),
                qcow2(ImageFault.NotClosed, "dirty", image -> image.putLong(INCOMPATIBLE, 1)),
                qcow2(ImageFault.MarkedCorrupt, "corrupt", image -> image.putLong(INCOMPATIBLE, 2)),
                qcow2(ImageFault.UnknownFeature, "extended L2 entries", image -> image.putLong(INCOMPATIBLE, 16)),
                qcow2(
                        ImageFault.UnknownFeature,
                        "the last bit of features",
                        image -> image.putLong(INCOMPATIBLE, Long.MIN_VALUE)),
                qcow2(
                        ImageFault.UnknownFeature,
                        "compression of type 2",
                        image -> image.putLong(INCOMPATIBLE, 8).put(COMPRESSION, (byte) 2)),
                qcow2(ImageFault.BadHeader, "zstd without its bit", image -> image.put(COMPRESSION, (byte) 1)),
                qcow2(ImageFault.BadHeader, "its bit without zstd", image -> image.putLong(INCOMPATIBLE, 8)),
                qcow2(ImageFault.BadHeader, "counts of 128 bits", image -> image.putInt(REFCOUNT_ORDER, 7)),
                qcow2(ImageFault.BadHeader, "counts of 2^-1 bits", image -> image.putInt(REFCOUNT_ORDER, -1)),
                qcow2(ImageFault.BadHeader, "a header of 96 bytes", image -> image.putInt(HEADER_LENGTH, 96)),
                qcow2(ImageFault.BadHeader, "a header of 108 bytes", image -> image.putInt(HEADER_LENGTH, 108)),
                qcow2(
                        ImageFault.BadHeader,
                        "a header longer than a cluster",
                        image -> image.putInt(HEADER_LENGTH, 520)),
                qcow2(
                        ImageFault.BadHeader,
                        "an extension longer than the cluster",
                        image -> image.putInt(EXTENSION + 4, CLUSTER)),
                qcow2(ImageFault.BadHeader, "an extension of -1 bytes", image -> image.putInt(EXTENSION + 4, -1)));
    }

    private static List<HostileImage> inconsistentSizes() {
        return List.of(
                qcow2(ImageFault.UnusualBlockSize, "clusters of 256 bytes", image -> image.putInt(CLUSTER_BITS, 8)),
                qcow2(ImageFault.UnusualBlockSize, "clusters of 4 MiB", image -> image.putInt(CLUSTER_BITS, 22)),
                qcow2(ImageFault.UnusualBlockSize, "clusters of 2^-1 bytes", image -> image.putInt(CLUSTER_BITS, -1)),
                qcow2(ImageFault.NoDisk, "no size", image -> image.putLong(SIZE, 0)),
                qcow2(ImageFault.OddSize, "an odd size", image -> image.putLong(SIZE, VIRTUAL_BYTES - 1)),
                qcow2(ImageFault.TooLarge, "a PiB in eight clusters", image -> image.putLong(SIZE, 1L << 50)),
                qcow2(ImageFault.TooLarge, "a negative size", image -> image.putLong(SIZE, -512)),
                qcow2(ImageFault.TableTooSmall, "64 TiB by one table", image -> image.putLong(SIZE, 1L << 46)),
                qcow2(
                        ImageFault.TableTooSmall,
                        "one cluster too much",
                        image -> image.putLong(SIZE, VIRTUAL_BYTES + 512)),
                qcow2(ImageFault.TableTooSmall, "no L1", image -> image.putInt(L1_ENTRIES, 0)),
                qcow2(ImageFault.TableTooSmall, "no counts", image -> image.putInt(REFCOUNT_TABLE_CLUSTERS, 0)),
                qcow2(ImageFault.TableTooLarge, "an L1 over 32 MiB", image -> image.putInt(L1_ENTRIES, (4 << 20) + 1)),
                qcow2(ImageFault.TableTooLarge, "an L1 of 2^32 - 1 entries", image -> image.putInt(L1_ENTRIES, -1)),
                qcow2(
                        ImageFault.TableTooLarge,
                        "a table of counts over 8 MiB",
                        image -> image.putInt(REFCOUNT_TABLE_CLUSTERS, (8 << 11) + 1)),
                qcow2(
                        ImageFault.TableTooLarge,
                        "2^32 - 1 clusters of counts",
                        image -> image.putInt(REFCOUNT_TABLE_CLUSTERS, -1)));
    }

    private static List<HostileImage> misplaced() {
        return List.of(
                qcow2(ImageFault.TableOutside, "L1 outside", image -> image.putLong(L1_OFFSET, END)),
                qcow2(ImageFault.TableOutside, "L1 at -512", image -> image.putLong(L1_OFFSET, -512)),
                qcow2(ImageFault.TableOutside, "L1 longer than the file", image -> image.putInt(L1_ENTRIES, 4 << 20)),
                qcow2(
                        ImageFault.TableOutside,
                        "the table of counts outside",
                        image -> image.putLong(REFCOUNT_TABLE_OFFSET, Long.MAX_VALUE - 511)),
                qcow2(ImageFault.TableOutside, "counts outside", image -> image.putLong(REFCOUNT_TABLE, OUTSIDE)),
                qcow2(ImageFault.TableOutside, "L2 outside", image -> image.putLong(L1, COPIED | OUTSIDE)),
                qcow2(ImageFault.DataOutside, "data outside", image -> image.putLong(L2, COPIED | OUTSIDE)),
                qcow2(ImageFault.DataOutside, "data at the very end", image -> image.putLong(L2, COPIED | END)),
                qcow2(ImageFault.DataOutside, "zeros prepared outside", image -> image.putLong(L2, OUTSIDE | 1)),
                qcow2(
                        ImageFault.DataOutside,
                        "compressed data outside",
                        image -> image.putLong(L2, IS_COMPRESSED | OUTSIDE)),
                qcow2(
                        ImageFault.DataOutside,
                        "compressed data that goes on outside",
                        image -> image.putLong(L2 + 8, IS_COMPRESSED | (1L << 61) | COMPRESSED + CLUSTER)),
                qcow2(ImageFault.TableOutside, "cut after its header", image -> {})
                        .cutTo(CLUSTER),
                qcow2(ImageFault.TableOutside, "cut in its header", image -> {}).cutTo(EXTENSION + 4),
                qcow2(ImageFault.TableOutside, "cut in its L2", image -> {}).cutTo(L2 + CLUSTER - 1),
                qcow2(ImageFault.DataOutside, "cut in its data", image -> {}).cutTo(DATA + CLUSTER - 1),
                qcow2(ImageFault.DataOutside, "cut before its compressed data", image -> {})
                        .cutTo(COMPRESSED),
                qcow2(ImageFault.Misaligned, "L1 in a cluster", image -> image.putLong(L1_OFFSET, L1 + 8)),
                qcow2(
                        ImageFault.Misaligned,
                        "the table of counts in a cluster",
                        image -> image.putLong(REFCOUNT_TABLE_OFFSET, REFCOUNT_TABLE + 8)),
                large("counts in a cluster", image -> image.putLong(1 << 10, 1536)),
                large("L2 in a cluster", image -> image.putLong(3 << 10, 4608)),
                large("data in a cluster", image -> image.putLong(4 << 10, 5632)));
    }

    private static List<HostileImage> overlapping() {
        return List.of(
                qcow2(ImageFault.Overlap, "L1 in the header", image -> image.putLong(L1_OFFSET, 0)),
                qcow2(
                        ImageFault.Overlap,
                        "L1 in the table of counts",
                        image -> image.putLong(L1_OFFSET, REFCOUNT_TABLE)),
                qcow2(
                        ImageFault.Overlap,
                        "counts in their table",
                        image -> image.putLong(REFCOUNT_TABLE, REFCOUNT_TABLE)),
                qcow2(
                        ImageFault.Overlap,
                        "the same counts twice",
                        image -> image.putLong(REFCOUNT_TABLE + 8, REFCOUNTS)),
                qcow2(ImageFault.Overlap, "L1 as its own L2", image -> image.putLong(L1, L1)),
                qcow2(
                        ImageFault.Overlap,
                        "one L2 twice",
                        image -> image.putInt(L1_ENTRIES, 2).putLong(L1 + 8, L2)),
                qcow2(ImageFault.Overlap, "L2 as its own data", image -> image.putLong(L2, L2)),
                qcow2(ImageFault.Overlap, "counts as data", image -> image.putLong(L2, COPIED | REFCOUNTS)),
                qcow2(ImageFault.Overlap, "one cluster for all the disk", HostileQcow2s::oneForAll),
                qcow2(ImageFault.Overlap, "zeros prepared where data is", image -> image.putLong(L2 + 16, DATA | 1)),
                qcow2(
                        ImageFault.Overlap,
                        "compressed data in data",
                        image -> image.putLong(L2 + 8, IS_COMPRESSED | DATA + 9)),
                qcow2(ImageFault.Overlap, "data in compressed data", image -> image.putLong(L2 + 16, COMPRESSED)),
                qcow2(
                        ImageFault.Overlap,
                        "compressed data in the header",
                        image -> image.putLong(L2 + 8, IS_COMPRESSED | 100)));
    }

    private static List<HostileImage> badEntries() {
        return List.of(
                qcow2(
                        ImageFault.BadEntry,
                        "a low bit in the table of counts",
                        image -> image.putLong(REFCOUNT_TABLE, REFCOUNTS | 1)),
                qcow2(
                        ImageFault.BadEntry,
                        "a high bit in the table of counts",
                        image -> image.putLong(REFCOUNT_TABLE, COPIED | REFCOUNTS)),
                qcow2(ImageFault.BadEntry, "a low bit in L1", image -> image.putLong(L1, L2 | 1)),
                qcow2(ImageFault.BadEntry, "a high bit in L1", image -> image.putLong(L1, L2 | IS_COMPRESSED)),
                qcow2(ImageFault.BadEntry, "a low bit in L2", image -> image.putLong(L2, DATA | 2)),
                qcow2(ImageFault.BadEntry, "a high bit in L2", image -> image.putLong(L2, DATA | (1L << 61))),
                qcow2(
                        ImageFault.BadEntry,
                        "zeros in version 2",
                        image -> image.putInt(4, 2).putLong(72, 0).putLong(L2, DATA | 1)),
                qcow2(ImageFault.BadEntry, "compressed data nowhere", image -> image.putLong(L2, IS_COMPRESSED)));
    }

    /** With clusters of 1024 bytes, so that there is room between them. */
    private static HostileImage large(String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = ByteBuffer.allocate(8 << 10);
        image.put(0, Qcow2Fixture.valid(), 0, CLUSTER);
        image.putInt(CLUSTER_BITS, 10).putLong(REFCOUNT_TABLE_OFFSET, 1 << 10).putLong(L1_OFFSET, 3 << 10);
        image.putLong(1 << 10, 2 << 10).putLong(3 << 10, 4 << 10).putLong(4 << 10, 5 << 10);
        change.accept(image);
        return new HostileImage(ImageFault.Misaligned, "qcow2 of 1024: " + what, image);
    }

    private static void oneForAll(ByteBuffer image) {
        for (int entry = 0; entry < 64; entry++) {
            image.putLong(L2 + 8 * entry, DATA);
        }
    }

    private static void extension(ByteBuffer image, int type) {
        image.putInt(EXTENSION + 56, type).putInt(EXTENSION + 60, 8);
    }
}
