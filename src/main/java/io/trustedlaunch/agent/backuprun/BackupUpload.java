package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.disks.OpenFile;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BlockDigests;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the files of one backup into its store, and computes the digests of the same bytes. */
record BackupUpload(BackupStore store, BackupId id) {
    /** @param file that the hypervisor's user has written: somebody who escaped into QEMU can put a link in its place */
    BackupFile file(String name, Path file) throws IOException {
        try (OpenFile open = OpenFile.open(file);
                InputStream from = Files.newInputStream(open.path())) {
            return copied(name, from, Files.size(open.path()));
        }
    }

    BackupFile bytes(String name, byte[] content) throws IOException {
        return copied(name, new ByteArrayInputStream(content), content.length);
    }

    private BackupFile copied(String name, InputStream from, long bytes) throws IOException {
        Digesting digesting = new Digesting(from);
        store.write(id, name, digesting, bytes);
        return digesting.digests.file(name);
    }

    /** Ends when its thread, or the one that waits for it, is interrupted. */
    private static final class Digesting extends FilterInputStream {
        private final BlockDigests digests = new BlockDigests();
        private final Thread waiting = Thread.currentThread();

        Digesting(InputStream from) {
            super(from);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (waiting.isInterrupted()) {
                throw new IOException("interrupted");
            }
            int read = super.read(into, offset, length);
            if (read > 0) {
                digests.update(ByteBuffer.wrap(into, offset, read));
            }
            return read;
        }

        @Override
        public long skip(long length) {
            return 0;
        }
    }
}
