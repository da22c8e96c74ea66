package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.Geometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;

/** A guest's disk in memory, with the record of what changed since a backup. */
public final class PlayedDisk {
    private final Geometry geometry;
    private final byte[] content;
    private final BitSet changed = new BitSet();

    PlayedDisk(Geometry geometry, int bytes) {
        this.geometry = geometry;
        this.content = new byte[bytes];
    }

    public static PlayedDisk of(Geometry geometry, byte[] content) {
        PlayedDisk disk = new PlayedDisk(geometry, content.length);
        disk.become(content);
        return disk;
    }

    /** Each byte so many times, one after the other. */
    public static byte[] scaled(byte[] content, int scale) {
        byte[] scaled = new byte[content.length * scale];
        for (int at = 0; at < content.length; at++) {
            Arrays.fill(scaled, at * scale, (at + 1) * scale, content[at]);
        }
        return scaled;
    }

    public byte[] content() {
        return content.clone();
    }

    /** What was written where. */
    public record Written(int offset, byte[] content, boolean zeros) {}

    /** Random bytes, or zeros, over some blocks. */
    public Written write(Random random) {
        int blocks = geometry.blocks(content.length);
        int first = random.nextInt(blocks);
        int length = 1 + random.nextInt(random.nextInt(4) == 0 ? 200 : 6);
        boolean zeros = random.nextInt(4) == 0;
        for (int block = first; block < Math.min(blocks, first + length); block++) {
            int from = block * geometry.blockBytes();
            int to = Math.min(content.length, from + geometry.blockBytes());
            if (zeros) {
                Arrays.fill(content, from, to, (byte) 0);
            } else {
                byte[] bytes = new byte[to - from];
                random.nextBytes(bytes);
                System.arraycopy(bytes, 0, content, from, bytes.length);
            }
            changed.set(block);
        }
        int from = first * geometry.blockBytes();
        int to = Math.min(content.length, (first + length) * geometry.blockBytes());
        return new Written(from, Arrays.copyOfRange(content, from, to), zeros);
    }

    /** As by a restore: the record of changes is of no use then. */
    public void become(byte[] other) {
        System.arraycopy(other, 0, content, 0, content.length);
    }

    /** The record is of what changes from now on. */
    public void mark() {
        changed.clear();
    }

    /** All that is not known to be zero: of a few blocks nobody knows it. */
    public DiskSource whole() {
        BitSet blocks = new BitSet();
        for (int block = 0; block < geometry.blocks(content.length); block++) {
            int from = block * geometry.blockBytes();
            int to = Math.min(content.length, from + geometry.blockBytes());
            boolean zero = true;
            for (int at = from; at < to; at++) {
                zero &= content[at] == 0;
            }
            blocks.set(block, !zero || block % 5 == 0);
        }
        return source(new DiskSource.Wanted(blocks, true));
    }

    DiskSource changes() {
        return source(new DiskSource.Wanted((BitSet) changed.clone(), false));
    }

    private DiskSource source(DiskSource.Wanted wanted) {
        byte[] instant = content.clone();
        return new DiskSource() {
            @Override
            public long bytes() {
                return instant.length;
            }

            @Override
            public Wanted wanted(Geometry unused) {
                return wanted;
            }

            @Override
            public Reader open() {
                return new Reader() {
                    @Override
                    public void read(long offset, ByteBuffer into) throws IOException {
                        into.put(instant, (int) offset, into.remaining());
                    }

                    @Override
                    public void close() {
                        // Nothing is open.
                    }
                };
            }
        };
    }

    /** A disk of zeros to restore to. */
    public static final class Restored implements SavedDisk.Target {
        public final byte[] content;

        public Restored(int bytes) {
            content = new byte[bytes];
        }

        @Override
        public Writer open() {
            return new Writer() {
                @Override
                public void write(long offset, ByteBuffer from) {
                    from.get(content, (int) offset, from.remaining());
                }

                @Override
                public void close() {
                    // Nothing is open.
                }
            };
        }
    }
}
