package io.trustedlaunch.backup.folder;

import io.trustedlaunch.backup.BackupStore.NewFile;
import io.trustedlaunch.backup.BackupStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file being written.
 *
 * @param folder in which it is; closed with it
 * @param what it is, for messages
 */
record FolderNewFile(Folder folder, Folder.NewFile file, String what) implements NewFile {
    /** @param folder is closed if it cannot be created */
    static FolderNewFile create(Folder folder, String name, String what) throws IOException {
        try {
            return new FolderNewFile(folder, folder.create(name), what);
        } catch (IOException e) {
            folder.close();
            throw e;
        }
    }

    @Override
    public void write(ByteBuffer bytes) throws BackupStoreException {
        try {
            file.write(bytes);
        } catch (IOException e) {
            throw FolderFailure.of("write", what, e);
        }
    }

    @Override
    public void finish() throws BackupStoreException {
        try {
            file.sync();
            folder.sync();
        } catch (IOException e) {
            throw FolderFailure.of("write", what, e);
        }
    }

    @Override
    public void close() throws BackupStoreException {
        try (folder) {
            file.close();
        } catch (IOException e) {
            throw FolderFailure.of("close", what, e);
        }
    }
}
