package io.trustedlaunch.backup.folder;

import io.trustedlaunch.backup.BackupStore.StoredObject;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.SingleByte;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/**
 * A file being read.
 *
 * @param bytes its length when it was opened; a file that shrinks ends earlier
 */
record FolderStoredObject(SeekableByteChannel channel, long bytes, String what) implements StoredObject {
    static FolderStoredObject of(SeekableByteChannel channel, String what) throws IOException {
        try {
            return new FolderStoredObject(channel, channel.size(), what);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public InputStream range(long offset, long length) throws BackupStoreException {
        try {
            channel.position(offset);
        } catch (IOException e) {
            throw FolderFailure.of("read", what, e);
        }
        return new Range(length);
    }

    @Override
    public void close() throws BackupStoreException {
        try {
            channel.close();
        } catch (IOException e) {
            throw FolderFailure.of("close", what, e);
        }
    }

    /** One at a time: each begins where the last one left the channel. */
    private final class Range extends InputStream {
        private long left;

        Range(long length) {
            left = length;
        }

        @Override
        public int read() throws IOException {
            return SingleByte.read(this);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read;
            try {
                read = channel.read(ByteBuffer.wrap(into, offset, (int) Math.min(length, left)));
            } catch (IOException e) {
                throw FolderFailure.of("read", what, e);
            }
            left -= Math.max(read, 0);
            return read;
        }
    }
}
