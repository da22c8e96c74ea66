package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.Geometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/** A disk as it was at one instant, from which a backup is made. */
public interface DiskSource {
    /** Reads one disk. Not thread-safe. */
    interface Reader extends AutoCloseable {
        /** Fills all that remains of the buffer, from an offset of the disk on. */
        void read(long offset, ByteBuffer into) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** The size of the disk as the guest sees it. */
    long bytes();

    /**
     * What is to be read.
     *
     * @param blocks a bit for each block
     * @param othersAreZero whether the others are zero; otherwise they are as they were in the backup before
     */
    record Wanted(BitSet blocks, boolean othersAreZero) {}

    Wanted wanted(Geometry geometry) throws IOException;

    /** A reader for one thread, which closes it. */
    Reader open() throws IOException;
}
