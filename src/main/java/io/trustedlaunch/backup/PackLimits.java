package io.trustedlaunch.backup;

/**
 * How large the packs of a backup are, and how many it writes at most, which must be known before it is made.
 *
 * @param packBytes after which a pack ends; it has at most a slot more
 * @param dataPacks the most that it writes
 * @param mapPacks the most that it writes
 */
public record PackLimits(long packBytes, int dataPacks, int mapPacks) {
    /** Threads that save blocks, each of which writes a pack of its own. */
    public static final int WORKERS = 2;

    private static final long SMALLEST = 64L << 20;
    private static final long MEBIBYTE = 1L << 20;

    /** Of a backup with everything, so that some thousand packs of earlier ones have room in an index as well. */
    private static final int FULL_PACKS = 1000;

    /** Of a page for each block, at most: a segment with one block has 191. */
    private static final int MAP_BYTES = 256;

    /** Packs that are not full, for each who writes them. */
    private static final int PARTIAL = 2;

    /** @param diskBytes of all disks, as the guest sees them */
    public static PackLimits of(long diskBytes) {
        long mebibytes = Math.ceilDiv(Math.ceilDiv(diskBytes, (long) FULL_PACKS), MEBIBYTE);
        long packBytes = Math.max(SMALLEST, mebibytes * MEBIBYTE);
        long blocks = Math.ceilDiv(diskBytes, (long) Geometry.STANDARD.blockBytes());
        return new PackLimits(
                packBytes,
                packs(blocks * Geometry.STANDARD.blockSealedBytes(), packBytes) + PARTIAL * WORKERS,
                packs(blocks * MAP_BYTES, packBytes) + PARTIAL);
    }

    private static int packs(long bytes, long packBytes) {
        return Math.toIntExact(Math.ceilDiv(bytes, packBytes));
    }

    /** The most bytes that a pack has. */
    public long mostBytes() {
        return packBytes + (long) Geometry.SLOT_BLOCKS * Geometry.STANDARD.blockSealedBytes();
    }
}
