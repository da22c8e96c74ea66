package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.pack.DiskMap.PageRef;
import io.trustedlaunch.backup.pack.Page.Slot;
import io.trustedlaunch.custody.PackKeys;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/**
 * A disk in a backup.
 *
 * @param map its place
 * @param bytes the size of the disk as the guest sees it
 */
public record SavedDisk(Geometry geometry, PackFiles files, PackKeys keys, SegmentRef map, long bytes) {
    /**
     * A part of a disk.
     *
     * @param begin its first byte
     * @param end the byte after its last one
     */
    public record Range(long begin, long end) {
        /** To the disk's end, wherever that is: a block behind it is found then. */
        public static final Range WHOLE = new Range(0, Long.MAX_VALUE);

        /** @throws IllegalArgumentException if it ends before it begins */
        public Range {
            if (begin < 0 || end < begin) {
                throw new IllegalArgumentException("no range: from byte " + begin + " to byte " + end);
            }
        }

        private boolean touches(long offset, long length) {
            return offset < end && begin < offset + length;
        }
    }

    /** Where a disk is written to. */
    public interface Target {
        /** One for each thread, which closes it. */
        interface Writer extends AutoCloseable {
            /** Writes all that remains of the buffer. */
            void write(long offset, ByteBuffer from) throws IOException;

            @Override
            void close() throws IOException;
        }

        Writer open() throws IOException;
    }

    /**
     * Writes all that is not zero. Each byte was opened under the VM's key before. When it fails, nothing is written any more.
     *
     * @param target a disk of zeros
     * @param progress gets the number of bytes that were read since its last call, from any thread
     */
    public void restore(Target target, int workers, LongConsumer progress) throws IOException {
        restore(Range.WHOLE, target, workers, progress);
    }

    /** Writes all of a part that is not zero, and nothing else; what has none of it is not read. */
    public void restore(Range range, Target target, int workers, LongConsumer progress) throws IOException {
        List<PageRef> pages;
        try (PackReader packs = new PackReader(files, keys)) {
            pages = new MapReader(packs)
                    .map(map).pages().stream()
                            .filter(page -> range.touches(begin(page), pageBytes()))
                            .toList();
        }
        AtomicInteger next = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try {
            CompletionService<Void> all = new ExecutorCompletionService<>(threads);
            for (int worker = 0; worker < workers; worker++) {
                all.submit(() -> {
                    restore(pages, next, range, target, progress);
                    return null;
                });
            }
            for (int worker = 0; worker < workers; worker++) {
                Workers.get(all.take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Workers.end(threads);
        }
    }

    private void restore(List<PageRef> pages, AtomicInteger next, Range range, Target target, LongConsumer progress)
            throws IOException {
        try (PackReader packs = new PackReader(files, keys);
                Target.Writer writer = target.open()) {
            MapReader maps = new MapReader(packs);
            Copy copy = new Copy(packs, range, writer, progress);
            for (int i = next.getAndIncrement(); i < pages.size(); i = next.getAndIncrement()) {
                if (Thread.interrupted()) {
                    throw new InterruptedIOException("interrupted");
                }
                PageRef page = pages.get(i);
                for (Slot slot : maps.page(page.at()).slots()) {
                    long offset = begin(page) + (long) slot.number() * geometry.slotBytes();
                    for (Segment segment : slot.segments()) {
                        copy.segment(segment, offset);
                    }
                }
            }
        }
    }

    private long begin(PageRef page) {
        return page.number() * pageBytes();
    }

    private long pageBytes() {
        return (long) geometry.pageSlots() * geometry.slotBytes();
    }

    /** Copies blocks, some at a time. */
    private final class Copy {
        private final BlockReader packs;
        private final Range range;
        private final Target.Writer writer;
        private final LongConsumer progress;
        private final byte[] plain = new byte[BlockReader.BLOCKS_AT_ONCE * geometry.blockBytes()];

        Copy(PackReader packs, Range range, Target.Writer writer, LongConsumer progress) {
            this.packs = new BlockReader(geometry, packs);
            this.range = range;
            this.writer = writer;
            this.progress = progress;
        }

        /** @param slot where its slot begins on the disk */
        void segment(Segment segment, long slot) throws IOException {
            int[] stored =
                    BitSet.valueOf(new long[] {segment.storedBlocks()}).stream().toArray();
            for (int from = 0; from < stored.length; from += BlockReader.BLOCKS_AT_ONCE) {
                int[] blocks =
                        Arrays.copyOfRange(stored, from, Math.min(stored.length, from + BlockReader.BLOCKS_AT_ONCE));
                if (Arrays.stream(blocks).anyMatch(block -> isWanted(segment, block, slot))) {
                    int read = packs.open(segment, from, blocks.length, plain);
                    write(segment, blocks, slot);
                    progress.accept(read);
                }
            }
        }

        /** Blocks that are beside each other are written together. */
        private void write(Segment segment, int[] blocks, long slot) throws IOException {
            for (int i = 0; i < blocks.length; i++) {
                int first = i;
                if (!isWanted(segment, blocks[i], slot)) {
                    continue;
                }
                while (i + 1 < blocks.length
                        && blocks[i + 1] == blocks[i] + 1
                        && isWanted(segment, blocks[i + 1], slot)) {
                    i++;
                }
                long offset = slot + (long) blocks[first] * geometry.blockBytes();
                if (offset >= bytes) {
                    throw new DamagedPackException(
                            BackupFault.INDEX_MALFORMED,
                            new SegmentRef(segment.backup(), segment.file(), segment.offset(), 1),
                            "has a block past the end of the disk");
                }
                long begin = Math.max(offset, range.begin());
                long end = Math.min(offset + (i + 1L - first) * geometry.blockBytes(), Math.min(bytes, range.end()));
                if (begin < end) {
                    int from = Math.toIntExact((long) first * geometry.blockBytes() + begin - offset);
                    writer.write(begin, ByteBuffer.wrap(plain, from, Math.toIntExact(end - begin)));
                }
            }
        }

        /** It is still the disk's, and has a part of the range. */
        private boolean isWanted(Segment segment, int block, long slot) {
            return (segment.liveBlocks() >>> block & 1) == 1
                    && range.touches(slot + (long) block * geometry.blockBytes(), geometry.blockBytes());
        }
    }
}
