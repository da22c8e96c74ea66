package io.trustedlaunch.agent.backup;

import io.trustedlaunch.backup.pack.SavedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk in memory to restore to. */
public final class WrittenDisk implements SavedDisk.Target {
    private final byte[] content;

    WrittenDisk(long bytes) {
        content = new byte[Math.toIntExact(bytes)];
    }

    /** What a disk has after all of it was restored. */
    public static byte[] of(long bytes, BackupExtraction.Content content) throws IOException {
        WrittenDisk disk = new WrittenDisk(bytes);
        content.writeTo(disk);
        return disk.content;
    }

    byte[] content() {
        return content;
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
