package io.trustedlaunch.backup.folder;

import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.StoreMarker;
import io.trustedlaunch.files.ForeignFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/** The marker in the root folder of a store. */
public final class FolderMarker {
    private final String name;
    private final Root root;

    /** Opens the store's folder anew for each call, so that it may be mounted anew. */
    @FunctionalInterface
    interface Root {
        Folder open() throws IOException;
    }

    /** @param folder there may be links on the way to it, but none is followed in it */
    public FolderMarker(Path folder) {
        this(folder.toString(), () -> DiskFolder.root(folder));
    }

    FolderMarker(String name, Root root) {
        this.name = name;
        this.root = root;
    }

    /** Its ID; empty if there is none. */
    public Optional<UUID> find() throws BackupStoreException {
        try (Folder folder = open()) {
            return find(folder);
        } catch (IOException e) {
            throw FolderFailure.of("read the marker of", describe(), e);
        }
    }

    /**
     * Makes it where there is none, on a person's order only; durable when this returns. To repeat it is no error. {@link
     * StoreFault#UNMARKED} if there is another one.
     */
    public void make(UUID id) throws BackupStoreException {
        try (Folder folder = open()) {
            if (find(folder).isEmpty()) {
                link(folder, id);
            }
            folder.sync();
            StoreMarker.require(id, find(folder), describe());
        } catch (IOException e) {
            throw FolderFailure.of("make the marker of", describe(), e);
        }
    }

    /** It appears whole. Until then it has a name of its own, so that two which are made at once do not mix. */
    private static void link(Folder folder, UUID id) throws IOException {
        String unnamed = "." + StoreMarker.NAME + "." + id;
        folder.delete(unnamed);
        try (Folder.NewFile created = folder.create(unnamed)) {
            created.write(ByteBuffer.wrap(StoreMarker.encode(id)));
            created.sync();
        }
        try {
            folder.link(unnamed, StoreMarker.NAME);
        } catch (FileAlreadyExistsException e) {
            // Another one was made a moment ago, and counts.
        }
        folder.delete(unnamed);
    }

    /** The store's folder, which has the marker: what is done in it is done in that store, whatever is mounted meanwhile. */
    Folder open(UUID id) throws BackupStoreException {
        Folder folder = open();
        try {
            StoreMarker.require(id, find(folder), describe());
            return folder;
        } catch (BackupStoreException e) {
            close(folder, e);
            throw e;
        }
    }

    private Folder open() throws BackupStoreException {
        try {
            return root.open();
        } catch (IOException e) {
            throw new BackupStoreException(
                    StoreFault.UNREACHABLE,
                    describe() + " cannot be opened: " + e.getMessage() + "; check that it exists and is mounted",
                    e);
        }
    }

    private Optional<UUID> find(Folder folder) throws BackupStoreException {
        try (SeekableByteChannel marker = folder.read(StoreMarker.NAME)) {
            return Optional.of(StoreMarker.decode(content(marker), describe()));
        } catch (BackupStoreException e) {
            throw e;
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (ForeignFileException e) {
            throw StoreMarker.unusable(describe(), "it is a link, or of another kind than a file");
        } catch (IOException e) {
            throw new BackupStoreException(
                    StoreFault.UNREACHABLE, "the marker of " + describe() + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] content(SeekableByteChannel marker) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(StoreMarker.MAX_BYTES + 1);
        while (content.hasRemaining() && marker.read(content) >= 0) {
            // Until the end, or the limit.
        }
        return Arrays.copyOf(content.array(), content.position());
    }

    private static void close(Folder folder, BackupStoreException failure) {
        try {
            folder.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private String describe() {
        return "the folder " + name;
    }
}
