package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.util.BitSet;

/**
 * Which parts of a file are in use. If no part is used twice, a small image cannot expand to a large disk, and the work
 * is bounded by the length of the file.
 */
final class AllocationMap {
    /** One bit each: 32 MiB of memory. */
    private static final long MAX_PARTS = 1L << 28;

    private final long part;
    private final BitSet exclusive = new BitSet();
    private final BitSet shared = new BitSet();

    /** @param part the unit of allocation, in bytes */
    AllocationMap(long fileBytes, long part) throws FaultyImageException {
        when(fileBytes / part >= MAX_PARTS, ImageFault.TooManyBlocks);
        this.part = part;
    }

    /** The caller has checked that the range is inside the file. */
    void allocate(long start, long length) throws FaultyImageException {
        int first = first(start);
        int end = end(start, length);
        when(isAnySet(exclusive, first, end) || isAnySet(shared, first, end), ImageFault.Overlap);
        exclusive.set(first, end);
    }

    /** Compressed data is packed, so several pieces may share a part. */
    void allocateShared(long start, long length) throws FaultyImageException {
        int first = first(start);
        int end = end(start, length);
        when(isAnySet(exclusive, first, end), ImageFault.Overlap);
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
