package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.util.Arrays;
import java.util.List;

/**
 * Finds overlaps between blocks of one size that may begin at any sector. An {@link AllocationMap} would need a bit for
 * every sector of the file.
 */
final class Extents {
    /** Limits the memory to 32 MiB. */
    private static final int MAX_BLOCKS = 1 << 22;

    private final List<Extent> tables;
    private final long blockBytes;
    private long[] blocks = new long[64];
    private int count;

    record Extent(long start, long length) {
        boolean overlaps(long otherStart, long otherLength) {
            return start < otherStart + otherLength && otherStart < start + length;
        }
    }

    Extents(List<Extent> tables, long blockBytes) throws FaultyImageException {
        this.tables = tables;
        this.blockBytes = blockBytes;
        for (int i = 1; i < tables.size(); i++) {
            Extent each = tables.get(i);
            boolean overlapsAnother =
                    tables.subList(0, i).stream().anyMatch(other -> other.overlaps(each.start(), each.length()));
            when(overlapsAnother, ImageFault.Overlap);
        }
    }

    long blockBytes() {
        return blockBytes;
    }

    void addBlock(long start) throws FaultyImageException {
        when(tables.stream().anyMatch(each -> each.overlaps(start, blockBytes)), ImageFault.Overlap);
        when(count == MAX_BLOCKS, ImageFault.TooManyBlocks);
        if (count == blocks.length) {
            blocks = Arrays.copyOf(blocks, 2 * count);
        }
        blocks[count++] = start;
    }

    void requireDisjoint() throws FaultyImageException {
        Arrays.sort(blocks, 0, count);
        for (int i = 1; i < count; i++) {
            when(blocks[i] - blocks[i - 1] < blockBytes, ImageFault.Overlap);
        }
    }
}
