package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BlockDigests;
import io.trustedlaunch.backup.SingleByte;
import io.trustedlaunch.files.OpenFile;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * Writes the files of one backup into its store, and computes the digests of the same bytes.
 *
 * @param sent is told of bytes, also of those that are sent again
 */
record BackupUpload(BackupStore store, BackupId id, LongConsumer sent) {
    /** @param file that the hypervisor's user has written: somebody who escaped into QEMU can put a link in its place */
    BackupFile file(String name, Path file) throws IOException {
        try (OpenFile open = OpenFile.open(file);
                FileChannel channel = FileChannel.open(open.path())) {
            return copied(name, new ResettableFile(channel), channel.size());
        }
    }

    BackupFile bytes(String name, byte[] content) throws IOException {
        return copied(name, new ByteArrayInputStream(content), content.length);
    }

    private BackupFile copied(String name, InputStream from, long bytes) throws IOException {
        Digesting digesting = new Digesting(from, sent);
        store.write(id, name, digesting, bytes);
        return digesting.digests.file(name);
    }

    /** Can be read again from where it was marked, which a file's stream cannot. */
    private static final class ResettableFile extends FilterInputStream {
        private final FileChannel channel;
        private long marked;

        ResettableFile(FileChannel channel) {
            super(Channels.newInputStream(channel));
            this.channel = channel;
        }

        @Override
        public boolean markSupported() {
            return true;
        }

        @Override
        public synchronized void mark(int limit) {
            try {
                marked = channel.position();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public synchronized void reset() throws IOException {
            channel.position(marked);
        }
    }

    /** Ends when its thread, or the one that waits for it, is interrupted. What is read again counts once. */
    private static final class Digesting extends FilterInputStream {
        private final Thread waiting = Thread.currentThread();
        private BlockDigests digests = new BlockDigests();
        private BlockDigests marked = digests.copy();

        private final LongConsumer sent;

        Digesting(InputStream from, LongConsumer sent) {
            super(from);
            this.sent = sent;
        }

        @Override
        public synchronized void mark(int limit) {
            super.mark(limit);
            marked = digests.copy();
        }

        @Override
        public synchronized void reset() throws IOException {
            super.reset();
            digests = marked.copy();
        }

        @Override
        public int read() throws IOException {
            return SingleByte.read(this);
        }

        @Override
        public synchronized int read(byte[] into, int offset, int length) throws IOException {
            if (waiting.isInterrupted()) {
                throw new IOException("interrupted");
            }
            int read = super.read(into, offset, length);
            if (read > 0) {
                digests.update(ByteBuffer.wrap(into, offset, read));
                sent.accept(read);
            }
            return read;
        }

        @Override
        public long skip(long length) {
            return 0;
        }
    }
}
