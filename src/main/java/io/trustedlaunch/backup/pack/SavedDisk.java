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
    /** Two MiB: one request to a bucket. */
    private static final int BLOCKS_AT_ONCE = 32;

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
        List<PageRef> pages;
        try (PackReader packs = new PackReader(files, keys)) {
            pages = new MapReader(packs).map(map).pages();
        }
        AtomicInteger next = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try {
            CompletionService<Void> all = new ExecutorCompletionService<>(threads);
            for (int worker = 0; worker < workers; worker++) {
                all.submit(() -> {
                    restore(pages, next, target, progress);
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

    private void restore(List<PageRef> pages, AtomicInteger next, Target target, LongConsumer progress)
            throws IOException {
        try (PackReader packs = new PackReader(files, keys);
                Target.Writer writer = target.open()) {
            MapReader maps = new MapReader(packs);
            Copy copy = new Copy(packs, writer, progress);
            for (int i = next.getAndIncrement(); i < pages.size(); i = next.getAndIncrement()) {
                if (Thread.interrupted()) {
                    throw new InterruptedIOException("interrupted");
                }
                PageRef page = pages.get(i);
                for (Slot slot : maps.page(page.at()).slots()) {
                    long offset = ((long) page.number() * geometry.pageSlots() + slot.number()) * geometry.slotBytes();
                    for (Segment segment : slot.segments()) {
                        copy.segment(segment, offset);
                    }
                }
            }
        }
    }

    /** Copies blocks, some at a time. */
    private final class Copy {
        private final PackReader packs;
        private final Target.Writer writer;
        private final LongConsumer progress;
        private final byte[] sealed = new byte[BLOCKS_AT_ONCE * geometry.blockSealedBytes()];
        private final byte[] plain = new byte[BLOCKS_AT_ONCE * geometry.blockBytes()];

        Copy(PackReader packs, Target.Writer writer, LongConsumer progress) {
            this.packs = packs;
            this.writer = writer;
            this.progress = progress;
        }

        /** @param slot where its slot begins on the disk */
        void segment(Segment segment, long slot) throws IOException {
            int[] stored =
                    BitSet.valueOf(new long[] {segment.storedBlocks()}).stream().toArray();
            for (int from = 0; from < stored.length; from += BLOCKS_AT_ONCE) {
                int[] blocks = Arrays.copyOfRange(stored, from, Math.min(stored.length, from + BLOCKS_AT_ONCE));
                if (Arrays.stream(blocks).anyMatch(block -> isLive(segment, block))) {
                    SegmentRef at = new SegmentRef(
                            segment.backup(),
                            segment.file(),
                            segment.offset() + (long) from * geometry.blockSealedBytes(),
                            blocks.length * geometry.blockSealedBytes());
                    packs.read(at, geometry.blockBytes(), sealed, plain);
                    write(segment, blocks, slot);
                    progress.accept(at.bytes());
                }
            }
        }

        /** Blocks that are beside each other are written together. */
        private void write(Segment segment, int[] blocks, long slot) throws IOException {
            for (int i = 0; i < blocks.length; i++) {
                int first = i;
                if (!isLive(segment, blocks[i])) {
                    continue;
                }
                while (i + 1 < blocks.length && blocks[i + 1] == blocks[i] + 1 && isLive(segment, blocks[i + 1])) {
                    i++;
                }
                long offset = slot + (long) blocks[first] * geometry.blockBytes();
                if (offset >= bytes) {
                    throw new DamagedPackException(
                            BackupFault.INDEX_MALFORMED,
                            new SegmentRef(segment.backup(), segment.file(), segment.offset(), 1),
                            "has a block past the end of the disk");
                }
                int length = (int) Math.min((i + 1L - first) * geometry.blockBytes(), bytes - offset);
                writer.write(offset, ByteBuffer.wrap(plain, first * geometry.blockBytes(), length));
            }
        }

        private static boolean isLive(Segment segment, int block) {
            return (segment.liveBlocks() >>> block & 1) == 1;
        }
    }
}
