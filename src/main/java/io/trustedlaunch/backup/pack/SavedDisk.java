package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.pack.DiskMap.PageRef;
import io.trustedlaunch.backup.pack.Page.Slot;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
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
        byte[] sealed = new byte[geometry.slotSealedBytes()];
        byte[] plain = new byte[geometry.slotBytes()];
        try (PackReader packs = new PackReader(files, keys);
                Target.Writer writer = target.open()) {
            for (int i = next.getAndIncrement(); i < pages.size(); i = next.getAndIncrement()) {
                if (Thread.interrupted()) {
                    throw new InterruptedIOException("interrupted");
                }
                PageRef page = pages.get(i);
                for (Slot slot : new MapReader(packs).page(page.at()).slots()) {
                    long offset = ((long) page.number() * geometry.pageSlots() + slot.number()) * geometry.slotBytes();
                    for (Segment segment : slot.segments()) {
                        SegmentRef at = segment.at(geometry);
                        packs.read(at, geometry.blockBytes(), sealed, plain);
                        write(segment, plain, offset, writer);
                        progress.accept(at.bytes());
                    }
                }
            }
        }
    }

    /** Blocks that are beside each other are written together. */
    private void write(Segment segment, byte[] plain, long slot, Target.Writer writer) throws IOException {
        long stored = segment.storedBlocks();
        long live = segment.liveBlocks();
        int at = 0;
        for (int block = 0; block < Geometry.SLOT_BLOCKS; ) {
            int length = Math.max(1, Long.numberOfTrailingZeros(~(live >>> block)));
            if ((live >>> block & 1) == 1) {
                long offset = slot + (long) block * geometry.blockBytes();
                if (offset >= bytes) {
                    throw new DamagedPackException(
                            BackupFault.INDEX_MALFORMED, segment.at(geometry), "has a block past the end of the disk");
                }
                int wanted = (int) Math.min((long) length * geometry.blockBytes(), bytes - offset);
                writer.write(offset, ByteBuffer.wrap(plain, at, wanted));
            }
            for (int one = block; one < block + length && one < Geometry.SLOT_BLOCKS; one++) {
                at += (stored >>> one & 1) == 1 ? geometry.blockBytes() : 0;
            }
            block += length;
        }
    }
}
