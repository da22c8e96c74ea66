package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.util.BitSet;

/**
 * Which parts of a file something lies in. A place that is used twice lets a small image become a large disk, and a table
 * be read again and again; where each place is used once, all of it together is no more work than the file is long.
 */
final class Occupancy {
    /** At a bit each, 32 MiB of memory. */
    private static final long MAX_PARTS = 1L << 28;

    private final long part;
    private final BitSet taken = new BitSet();
    private final BitSet shared = new BitSet();

    /** @param part size of what is given to one user as a whole */
    Occupancy(long fileBytes, long part) throws FaultyImageException {
        when(fileBytes / part >= MAX_PARTS, ImageFault.TooManyBlocks);
        this.part = part;
    }

    /** For one user. The caller has seen that it lies in the file. */
    void take(long start, long length) throws FaultyImageException {
        int first = first(start);
        int end = end(start, length);
        when(isAnySet(taken, first, end) || isAnySet(shared, first, end), ImageFault.Overlap);
        taken.set(first, end);
    }

    /** For users that share a part: compressed data is packed without regard to where parts begin. */
    void share(long start, long length) throws FaultyImageException {
        int first = first(start);
        int end = end(start, length);
        when(isAnySet(taken, first, end), ImageFault.Overlap);
        shared.set(first, end);
    }

    private static boolean isAnySet(BitSet bits, int first, int end) {
        int set = bits.nextSetBit(first);
        return set >= 0 && set < end;
    }

    private int first(long start) {
        return Math.toIntExact(start / part);
    }

    private int end(long start, long length) {
        return Math.toIntExact((start + length - 1) / part + 1);
    }
}
