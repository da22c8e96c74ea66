package io.trustedlaunch.backup.folder;

import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.files.ForeignFileException;
import io.trustedlaunch.files.NoSpace;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/** Translates an error of the file system for a store's caller. */
final class FolderFailure {
    private FolderFailure() {}

    /** @param verb for the message, "cannot VERB WHAT" */
    static BackupStoreException of(String verb, String what, IOException cause) {
        if (cause instanceof BackupStoreException known) {
            return known;
        }
        String failed = "cannot " + verb + " " + what + ": ";
        return switch (cause) {
            case FileAlreadyExistsException e ->
                new BackupStoreException(StoreFault.EXISTS, failed + "it exists already", e);
            case NoSuchFileException e -> new BackupStoreException(StoreFault.MISSING, failed + "it is missing", e);
            case DirectoryNotEmptyException e -> foreign(failed, e);
            case ForeignFileException e -> foreign(failed, e);
            default ->
                NoSpace.isCauseOf(cause)
                        ? new BackupStoreException(StoreFault.NO_SPACE, failed + cause.getMessage(), cause)
                        : new BackupStoreException(StoreFault.FAILED, failed + cause.getMessage(), cause);
        };
    }

    private static BackupStoreException foreign(String failed, IOException cause) {
        return new BackupStoreException(
                StoreFault.FOREIGN, failed + cause.getMessage() + "; remove what does not belong there", cause);
    }
}
