package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.disks.OpenFile;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStore.NewObject;
import io.trustedlaunch.backup.BlockDigests;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the files of one backup into its store, and computes the digests of the same bytes. */
record BackupUpload(BackupStore store, BackupId id) {
    private static final int CHUNK = 1 << 20;

    /** @param file that the hypervisor's user has written: somebody who escaped into QEMU can put a link in its place */
    BackupFile file(String name, Path file) throws IOException {
        try (OpenFile open = OpenFile.open(file);
                InputStream from = Files.newInputStream(open.path())) {
            return copied(name, from);
        }
    }

    BackupFile bytes(String name, byte[] content) throws IOException {
        return copied(name, new ByteArrayInputStream(content));
    }

    private BackupFile copied(String name, InputStream from) throws IOException {
        BlockDigests digests = new BlockDigests();
        byte[] chunk = new byte[CHUNK];
        try (NewObject object = store.create(id, name)) {
            for (int read = from.readNBytes(chunk, 0, CHUNK); read > 0; read = from.readNBytes(chunk, 0, CHUNK)) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new IOException("interrupted");
                }
                object.write(ByteBuffer.wrap(chunk, 0, read));
                digests.update(ByteBuffer.wrap(chunk, 0, read));
            }
            object.finish();
        }
        return digests.file(name);
    }
}
