package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.pack.Page.Slot;
import io.trustedlaunch.custody.BlockDigest;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Saves slots of one disk, one after the other, into packs of its own. Not thread-safe. */
final class SlotSaver implements Closeable {
    private final Geometry geometry;
    private final PackWriter packs;
    private final BlockDigest digest;
    private final ByteBuffer plain;
    private long readBytes;
    private long storedBytes;

    /**
     * What is to be done with a slot.
     *
     * @param number of the slot in its page
     * @param offset of its first byte in the disk
     * @param read its blocks that are to be read
     * @param kept its blocks that are as they were in the backup before, unless they are read; the others are zero
     * @param before the segments that it had
     */
    record Task(int number, long offset, long read, long kept, List<Segment> before) {}

    SlotSaver(Geometry geometry, PackWriter packs, BlockDigest digest) {
        this.geometry = geometry;
        this.packs = packs;
        this.digest = digest;
        this.plain = ByteBuffer.allocate(geometry.slotBytes()).order(ByteOrder.nativeOrder());
    }

    long readBytes() {
        return readBytes;
    }

    long storedBytes() {
        return storedBytes;
    }

    /** Returns what the slot has now; empty if all of it is zero. */
    Optional<Slot> save(Task task, DiskSource.Reader disk, long diskBytes) throws IOException {
        read(task, disk, diskBytes);
        long present = present(task.read());
        List<Segment> after = new ArrayList<>();
        for (Segment segment : task.before()) {
            long live = segment.liveBlocks() & task.kept() & ~task.read();
            if (isUnchanged(segment, present)) {
                present &= ~segment.storedBlocks();
                after.add(segment);
            } else if (live != 0) {
                after.add(segment.withLive(live));
            }
        }
        if (present != 0) {
            after.add(store(present));
        }
        return after.isEmpty() ? Optional.empty() : Optional.of(new Slot(task.number(), after));
    }

    /** Each block at its place in the buffer. */
    private void read(Task task, DiskSource.Reader disk, long diskBytes) throws IOException {
        for (int block = 0; block < Geometry.SLOT_BLOCKS; ) {
            int length = run(task.read() >>> block);
            if (length == 0) {
                block++;
                continue;
            }
            int from = block * geometry.blockBytes();
            int bytes = (int) Math.min((long) length * geometry.blockBytes(), diskBytes - task.offset() - from);
            disk.read(task.offset() + from, plain.clear().position(from).limit(from + bytes));
            readBytes += bytes;
            for (int rest = from + bytes; rest < from + length * geometry.blockBytes(); rest++) {
                plain.array()[rest] = 0;
            }
            block += length;
        }
    }

    private static int run(long mask) {
        return Long.numberOfTrailingZeros(~mask);
    }

    /** Those of the blocks that are not zero. */
    private long present(long blocks) {
        long present = 0;
        for (int block = 0; block < Geometry.SLOT_BLOCKS; block++) {
            if ((blocks >>> block & 1) == 1 && !isZero(block)) {
                present |= 1L << block;
            }
        }
        return present;
    }

    private boolean isZero(int block) {
        int from = block * geometry.blockBytes();
        plain.clear();
        for (int at = from; at < from + geometry.blockBytes(); at += Long.BYTES) {
            if (plain.getLong(at) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Only of a segment that is whole the digest is that of what is in use. */
    private boolean isUnchanged(Segment segment, long present) {
        return segment.isWhole()
                && (segment.storedBlocks() & ~present) == 0
                && digest(segment.storedBlocks()).equals(segment.digest());
    }

    private String digest(long blocks) {
        BlockDigest.Sum sum = digest.begin();
        for (int block = 0; block < Geometry.SLOT_BLOCKS; block++) {
            if ((blocks >>> block & 1) == 1) {
                sum.add(plain.array(), block * geometry.blockBytes(), geometry.blockBytes());
            }
        }
        return sum.finish();
    }

    /** The blocks follow each other in the pack, each sealed by itself. */
    private Segment store(long blocks) throws IOException {
        Optional<SegmentRef> first = Optional.empty();
        for (int block = 0; block < Geometry.SLOT_BLOCKS; block++) {
            if ((blocks >>> block & 1) == 1) {
                SegmentRef at = packs.append(plain.array(), block * geometry.blockBytes(), geometry.blockBytes());
                storedBytes += at.bytes();
                first = first.isPresent() ? first : Optional.of(at);
            }
        }
        packs.endIfFull();
        return Segment.of(first.orElseThrow(), blocks, digest(blocks));
    }

    void finish() throws IOException {
        packs.finish();
    }

    @Override
    public void close() throws IOException {
        packs.close();
    }
}
