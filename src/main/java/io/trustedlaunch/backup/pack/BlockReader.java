package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.SegmentRef;
import java.io.IOException;

/** Opens blocks of segments, some at a time. Not thread-safe. */
final class BlockReader {
    /** Two MiB: one request to a bucket. */
    static final int BLOCKS_AT_ONCE = 32;

    private final Geometry geometry;
    private final PackReader packs;
    private final byte[] sealed;

    BlockReader(Geometry geometry, PackReader packs) {
        this.geometry = geometry;
        this.packs = packs;
        this.sealed = new byte[BLOCKS_AT_ONCE * geometry.blockSealedBytes()];
    }

    /**
     * Opens blocks that are stored one after the other. Returns the number of bytes that were read.
     *
     * @param first in the order in which they are stored
     * @param blocks at most {@value #BLOCKS_AT_ONCE}
     */
    int open(Segment segment, int first, int blocks, byte[] plain) throws IOException {
        SegmentRef at = new SegmentRef(
                segment.backup(),
                segment.file(),
                segment.offset() + (long) first * geometry.blockSealedBytes(),
                blocks * geometry.blockSealedBytes());
        packs.read(at, geometry.blockBytes(), sealed, plain);
        return at.bytes();
    }
}
