package io.trustedlaunch.backup.folder;

import io.trustedlaunch.backup.BackupStore.NewObject;
import io.trustedlaunch.backup.BackupStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file being written, and its open folder. */
final class FolderObject implements NewObject {
    private final Folder folder;
    private final Folder.NewFile file;
    private final String what;
    private boolean finished;

    FolderObject(Folder folder, Folder.NewFile file, String what) {
        this.folder = folder;
        this.file = file;
        this.what = what;
    }

    @Override
    public void write(ByteBuffer bytes) throws BackupStoreException {
        requireUnfinished();
        try {
            file.write(bytes);
        } catch (IOException e) {
            throw FolderFailure.of("write", what, e);
        }
    }

    @Override
    public void finish() throws BackupStoreException {
        requireUnfinished();
        try {
            file.sync();
            folder.sync();
            finished = true;
        } catch (IOException e) {
            throw FolderFailure.of("sync", what, e);
        }
    }

    private void requireUnfinished() {
        if (finished) {
            throw new IllegalStateException(what + " is finished");
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
