package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupStore.NewFile;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An object whose length a server must know before its first byte: it is on this host until it is whole. */
final class SpooledFile implements NewFile {
    private final Path folder;
    private final FileChannel spool;
    private final Send send;

    /** Sends the whole object. */
    @FunctionalInterface
    interface Send {
        void send(InputStream content, long bytes) throws BackupStoreException;
    }

    private SpooledFile(Path folder, FileChannel spool, Send send) {
        this.folder = folder;
        this.spool = spool;
        this.send = send;
    }

    /** @param folder is made if it is missing; nothing is left in it */
    static SpooledFile in(Path folder, Send send) throws BackupStoreException {
        try {
            Files.createDirectories(folder);
            Path file = Files.createTempFile(folder, "object-", ".spool");
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            Files.delete(file);
            return new SpooledFile(folder, channel, send);
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    @Override
    public void write(ByteBuffer bytes) throws BackupStoreException {
        try {
            while (bytes.hasRemaining()) {
                spool.write(bytes);
            }
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    @Override
    public void finish() throws BackupStoreException {
        try {
            long bytes = spool.size();
            spool.position(0);
            send.send(new Again(spool), bytes);
        } catch (BackupStoreException e) {
            throw e;
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    @Override
    public void close() throws BackupStoreException {
        try {
            spool.close();
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    private static BackupStoreException failed(Path folder, IOException cause) {
        return new BackupStoreException(
                StoreFault.FAILED,
                "cannot keep in " + folder + " on this host what is to be sent: " + cause.getMessage(),
                cause);
    }

    /** Can be read again from where it was marked, which a file's stream cannot. */
    private static final class Again extends FilterInputStream {
        private final FileChannel channel;
        private long marked;

        Again(FileChannel channel) {
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

        /** The spool stays open for another attempt. */
        @Override
        public void close() {
            // Its owner closes it.
        }
    }
}
