package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.pack.DiskMap.PageRef;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads any part of a disk in a backup, in any order. Each byte was opened under the VM's key. A reader that goes on where it was costs
 * one request to the store for each 2 MiB; one that jumps about costs no more than what it asks for.
 *
 * <p>Thread-safe: one reads at a time. Uses up to 8 MiB, and what the map of the disk has.
 */
public final class DiskReader implements Closeable {
    /** Pages as they are in memory: a guest reads here and there while its disk is copied from the beginning. */
    private static final int MOST_PAGES = 4;

    /** Opened blocks. */
    private static final int MOST_BYTES = 4 << 20;

    /** Readers that go on where they were. */
    private static final int MOST_ENDS = 8;

    private final SavedDisk disk;
    private final Geometry geometry;
    private final PackReader packs;
    private final MapReader maps;
    private final BlockReader blocks;
    private final Map<Integer, Page> pages = new LinkedHashMap<>(MOST_PAGES, 1, true);
    private final Deque<Window> windows = new ArrayDeque<>();
    private final Deque<Long> ends = new ArrayDeque<>();
    private Optional<Map<Integer, SegmentRef>> map = Optional.empty();

    /** Blocks of a segment that were opened, from the first in the order in which they are stored. */
    private record Window(Segment segment, int first, int blocks, byte[] plain) {
        boolean has(Segment other, int index) {
            return index >= first && index < first + blocks && segment.equals(other);
        }
    }

    public DiskReader(SavedDisk disk) {
        this.disk = disk;
        this.geometry = disk.geometry();
        this.packs = new PackReader(disk.files(), disk.keys());
        this.maps = new MapReader(packs);
        this.blocks = new BlockReader(geometry, packs);
    }

    /** The size of the disk as the guest sees it. */
    public long bytes() {
        return disk.bytes();
    }

    /**
     * How many bytes from an offset on are zero because nothing is stored there: at most the length.
     *
     * @throws DamagedPackException if the map is not what was written
     */
    public synchronized long zeros(long offset, long length) throws IOException {
        require(offset, length);
        return anew(() -> {
            long at = offset;
            while (at < offset + length && segment(at / geometry.blockBytes()).isEmpty()) {
                at = endOfZeros(at);
            }
            return Math.min(at - offset, length);
        });
    }

    /** Of the block, or of the whole page if nothing of it is stored. */
    private long endOfZeros(long at) throws IOException {
        long block = at / geometry.blockBytes();
        int page = (int) (block / geometry.pageBlocks());
        long next = places().containsKey(page) ? block + 1 : (page + 1L) * geometry.pageBlocks();
        return next * geometry.blockBytes();
    }

    /**
     * Fills all that remains of the buffer. If it fails, nothing of it is.
     *
     * @throws DamagedPackException if something of it is not what was written; the same may succeed once it is mended
     */
    public synchronized void read(long offset, ByteBuffer into) throws IOException {
        require(offset, into.remaining());
        long end = offset + into.remaining();
        boolean isContinued = ends.remove(offset);
        anew(() -> {
            ByteBuffer target = into.duplicate();
            long at = offset;
            while (at < end) {
                at += copy(at, end, isContinued, target);
            }
            return at;
        });
        into.position(into.limit());
        ends.add(end);
        if (ends.size() > MOST_ENDS) {
            ends.remove();
        }
    }

    private void require(long offset, long length) {
        if (offset < 0 || length < 0 || offset > disk.bytes() - length) {
            throw new IllegalArgumentException(length + " bytes at " + offset + " of a disk of " + disk.bytes());
        }
    }

    @FunctionalInterface
    private interface Reading {
        long read() throws IOException;
    }

    /** What is damaged may have been put in place again since its file was opened, and a share that was away may be back. */
    private long anew(Reading reading) throws IOException {
        try {
            return reading.read();
        } catch (DamagedPackException e) {
            packs.close();
            return reading.read();
        } catch (IOException e) {
            packs.close();
            throw e;
        }
    }

    /** Copies what is left of one block. Returns how many bytes that is. */
    private int copy(long at, long end, boolean isContinued, ByteBuffer into) throws IOException {
        long block = at / geometry.blockBytes();
        int from = (int) (at % geometry.blockBytes());
        int length = (int) Math.min(geometry.blockBytes() - from, end - at);
        Optional<Segment> segment = segment(block);
        if (segment.isPresent()) {
            int index = index(segment.get(), block);
            int wanted = isContinued
                    ? BlockReader.BLOCKS_AT_ONCE
                    : (int) Math.min(BlockReader.BLOCKS_AT_ONCE, Math.ceilDiv(end - at + from, geometry.blockBytes()));
            Window window = window(segment.get(), index, wanted);
            into.put(window.plain(), (index - window.first()) * geometry.blockBytes() + from, length);
        } else {
            into.put(new byte[length]);
        }
        return length;
    }

    private Optional<Segment> segment(long block) throws IOException {
        Optional<Page> page = page((int) (block / geometry.pageBlocks()));
        int slot = (int) (block % geometry.pageBlocks()) / Geometry.SLOT_BLOCKS;
        long bit = 1L << block % Geometry.SLOT_BLOCKS;
        return page.flatMap(found -> found.segments(slot).stream()
                .filter(segment -> (segment.liveBlocks() & bit) != 0)
                .findFirst());
    }

    /** Its place in the order in which the segment's blocks are stored. */
    private static int index(Segment segment, long block) {
        long before = (1L << block % Geometry.SLOT_BLOCKS) - 1;
        return Long.bitCount(segment.storedBlocks() & before);
    }

    private Optional<Page> page(int number) throws IOException {
        SegmentRef at = places().get(number);
        if (at == null) {
            return Optional.empty();
        }
        Page known = pages.get(number);
        if (known == null) {
            known = maps.page(at);
            pages.put(number, known);
            if (pages.size() > MOST_PAGES) {
                pages.remove(pages.keySet().iterator().next());
            }
        }
        return Optional.of(known);
    }

    private Map<Integer, SegmentRef> places() throws IOException {
        if (map.isEmpty()) {
            Map<Integer, SegmentRef> places = new HashMap<>();
            for (PageRef page : maps.map(disk.map()).pages()) {
                places.put(page.number(), page.at());
            }
            map = Optional.of(places);
        }
        return map.get();
    }

    private Window window(Segment segment, int index, int wanted) throws IOException {
        for (Window window : windows) {
            if (window.has(segment, index)) {
                return window;
            }
        }
        int stored = Long.bitCount(segment.storedBlocks());
        try {
            return open(segment, index, Math.min(wanted, stored - index));
        } catch (DamagedPackException e) {
            // What is damaged may be another block, which was not asked for, or is none of the disk's any more.
            return open(segment, index, 1);
        }
    }

    private Window open(Segment segment, int first, int count) throws IOException {
        byte[] plain = buffer(count * geometry.blockBytes());
        blocks.open(segment, first, count, plain);
        Window window = new Window(segment, first, count, plain);
        windows.add(window);
        return window;
    }

    /** In the place of the oldest windows. The memory of one of the same size is used again: a copy of a disk makes no garbage. */
    private byte[] buffer(int bytes) {
        Optional<byte[]> same = Optional.empty();
        while (windows.stream().mapToInt(one -> one.plain().length).sum() > MOST_BYTES - bytes) {
            same = Optional.of(windows.removeFirst().plain());
        }
        return same.filter(one -> one.length == bytes).orElseGet(() -> new byte[bytes]);
    }

    @Override
    public synchronized void close() throws IOException {
        packs.close();
        windows.clear();
    }
}
