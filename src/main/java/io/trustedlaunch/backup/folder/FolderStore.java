package io.trustedlaunch.backup.folder;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.files.ForeignFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A store in a folder that has its marker: {@code <VM UID>/<backup UID>/<file>}. The index appears by link(2), so that it is there
 * whole or not at all.
 *
 * <p>An empty index belongs to what is being removed: it takes the place that a commit needs, so that a run that was only slow does not
 * become a backup without files. An empty folder is the last that is left of a removal, or the first of a run.
 */
public final class FolderStore implements BackupStore {
    /** Names of files until they get their own. */
    private static final String NEW_INDEX = ".index.json.new";

    private static final String NEW_ESCROW = ".cluster.escrow.new";

    /** Empty: it is put in the place of an index. */
    private static final String NO_INDEX = ".index.json.removed";

    private static final int CHUNK = 1 << 20;

    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final String name;
    private final FolderMarker marker;
    private final UUID storeID;

    /**
     * @param folder there may be links on the way to it, but none is followed in it
     * @param storeID that its marker has; with another one, or without, each call is a {@link StoreFault#UNMARKED}
     */
    public FolderStore(Path folder, UUID storeID) {
        this(folder.toString(), new FolderMarker(folder), storeID);
    }

    FolderStore(String name, FolderMarker marker, UUID storeID) {
        this.name = name;
        this.marker = marker;
        this.storeID = storeID;
    }

    @Override
    public OptionalLong room() throws BackupStoreException {
        try (Folder store = openRoot()) {
            return store.room();
        } catch (IOException e) {
            throw failure("read", name, e);
        }
    }

    @Override
    public void begin(BackupId id) throws BackupStoreException {
        try (Folder store = openRoot();
                Folder folder = make(store, id)) {
            begin(folder);
        } catch (IOException e) {
            throw failure("write", describe(id, BackupFileName.BEGUN), e);
        }
    }

    private static void begin(Folder folder) throws IOException {
        try {
            folder.create(BackupFileName.BEGUN).close();
        } catch (FileAlreadyExistsException e) {
            // It may have been made a moment ago, and is synced as well.
        }
        folder.sync();
    }

    @Override
    public void write(BackupId id, String file, InputStream content, long bytes) throws BackupStoreException {
        requireKnown(file);
        if (file.equals(BackupFileName.INDEX)) {
            throw new IllegalArgumentException(file + " is written as a whole");
        }
        try (Folder store = openRoot();
                Folder folder = make(store, id);
                Folder.NewFile created = folder.create(file)) {
            copy(content, bytes, created);
            created.sync();
            folder.sync();
        } catch (IOException e) {
            throw failure("write", describe(id, file), e);
        }
    }

    @Override
    public NewFile create(BackupId id, String file) throws BackupStoreException {
        requireKnown(file);
        try (Folder store = openRoot()) {
            return FolderNewFile.create(make(store, id), file, describe(id, file));
        } catch (IOException e) {
            throw failure("write", describe(id, file), e);
        }
    }

    private static void copy(InputStream content, long bytes, Folder.NewFile to) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long written = 0;
        for (int read = content.readNBytes(chunk, 0, CHUNK); read > 0; read = content.readNBytes(chunk, 0, CHUNK)) {
            to.write(ByteBuffer.wrap(chunk, 0, read));
            written += read;
        }
        if (written != bytes) {
            throw new IOException("it has " + written + " bytes instead of " + bytes);
        }
    }

    /** The backup's folder, durable before anything is in it. */
    private static Folder make(Folder store, BackupId id) throws IOException {
        try (Folder vm = make(store, id.vm().toString())) {
            return make(vm, id.backup().toString());
        }
    }

    private static Folder make(Folder in, String folder) throws IOException {
        try {
            in.make(folder);
        } catch (FileAlreadyExistsException e) {
            // Whatever it is, it is opened without following links. It may have been made a moment ago, and is synced
            // as well.
        }
        in.sync();
        return in.open(folder);
    }

    @Override
    public void commit(BackupId id, byte[] index) throws BackupStoreException {
        if (index.length == 0) {
            throw new IllegalArgumentException("an index has content");
        }
        String what = describe(id, BackupFileName.INDEX);
        try (Folder store = openRoot();
                Folder folder = open(store, id)) {
            write(folder, NEW_INDEX, index);
            try {
                folder.link(NEW_INDEX, BackupFileName.INDEX);
            } catch (FileAlreadyExistsException e) {
                if (!Arrays.equals(content(folder, index.length + 1), index)) {
                    throw e;
                }
            }
            folder.delete(NEW_INDEX);
            folder.sync();
        } catch (IOException e) {
            throw failure("write", what, e);
        }
    }

    @Override
    public void replaceClusterEscrow(BackupId id, byte[] escrow) throws BackupStoreException {
        try (Folder store = openRoot();
                Folder folder = open(store, id)) {
            write(folder, NEW_ESCROW, escrow);
            folder.rename(NEW_ESCROW, BackupFileName.CLUSTER_ESCROW);
            folder.sync();
        } catch (IOException e) {
            throw failure("write", describe(id, BackupFileName.CLUSTER_ESCROW), e);
        }
    }

    /** Durable, but for its name; what a broken-off attempt left is removed first. */
    private static void write(Folder folder, String file, byte[] content) throws IOException {
        folder.delete(file);
        try (Folder.NewFile created = folder.create(file)) {
            created.write(ByteBuffer.wrap(content));
            created.sync();
        }
    }

    @Override
    public StoredObject open(BackupId id, String file) throws BackupStoreException {
        requireKnown(file);
        try (Folder store = openRoot();
                Folder folder = open(store, id)) {
            SeekableByteChannel channel = folder.read(file);
            if (file.equals(BackupFileName.INDEX) && channel.size() == 0) {
                channel.close();
                throw new NoSuchFileException(file);
            }
            return FolderStoredObject.of(channel, describe(id, file));
        } catch (IOException e) {
            throw failure("open", describe(id, file), e);
        }
    }

    @Override
    public List<UUID> vms() throws BackupStoreException {
        try (Folder store = openRoot()) {
            return uids(store);
        } catch (IOException e) {
            throw failure("list", name, e);
        }
    }

    @Override
    public List<Listed> backups(UUID vm) throws BackupStoreException {
        try (Folder store = openRoot();
                Folder folder = store.open(vm.toString())) {
            List<Listed> backups = new ArrayList<>();
            for (UUID backup : uids(folder)) {
                state(folder, backup).ifPresent(state -> backups.add(new Listed(backup, state)));
            }
            return backups;
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw failure("list", name + "/" + vm, e);
        }
    }

    /** Empty for what is no folder, or has gone meanwhile. */
    private static Optional<State> state(Folder vm, UUID backup) throws IOException {
        try (Folder folder = vm.open(backup.toString())) {
            return Optional.of(state(folder));
        } catch (NoSuchFileException | ForeignFileException e) {
            return Optional.empty();
        }
    }

    private static State state(Folder backup) throws IOException {
        try (SeekableByteChannel index = backup.read(BackupFileName.INDEX)) {
            return index.size() > 0 ? State.COMMITTED : State.REMOVED;
        } catch (NoSuchFileException e) {
            return backup.list().isEmpty() ? State.REMOVED : State.OPEN;
        } catch (ForeignFileException e) {
            return State.OPEN;
        }
    }

    private static List<UUID> uids(Folder folder) throws IOException {
        return folder.list().stream()
                .filter(name -> UID.matcher(name).matches())
                .map(UUID::fromString)
                .toList();
    }

    /** In one step, so that nothing that is removed becomes a backup again. */
    @Override
    public void removeIndex(BackupId id) throws BackupStoreException {
        try (Folder store = openRoot();
                Folder folder = open(store, id)) {
            switch (state(folder)) {
                case COMMITTED -> {
                    write(folder, NO_INDEX, new byte[0]);
                    folder.rename(NO_INDEX, BackupFileName.INDEX);
                }
                // Something else may be in its place.
                case OPEN -> folder.delete(BackupFileName.INDEX);
                case REMOVED -> {
                    // It stays so.
                }
            }
            folder.sync();
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw failure("remove", describe(id, BackupFileName.INDEX), e);
        }
    }

    @Override
    public void removeFiles(BackupId id, Predicate<String> kept) throws BackupStoreException {
        try (Folder store = openRoot()) {
            try (Folder vm = store.open(id.vm().toString())) {
                removeRun(vm, id, kept);
            }
            // This also follows a removal that was broken off just before.
            removeIfEmpty(store, id.vm());
        } catch (NoSuchFileException e) {
            // There is nothing of the VM.
            return;
        } catch (IOException e) {
            throw failure("remove the files of", describe(id, ""), e);
        }
    }

    private void removeRun(Folder vm, BackupId id, Predicate<String> kept) throws IOException {
        String backup = id.backup().toString();
        try (Folder folder = vm.open(backup)) {
            barCommit(folder, id);
            refuseForeign(folder);
            boolean isEmpty = true;
            for (String file : folder.list()) {
                if (BackupFileName.isPack(file) && kept.test(file)) {
                    isEmpty = false;
                } else if (!file.equals(BackupFileName.INDEX)) {
                    folder.delete(file);
                }
            }
            folder.sync();
            if (!isEmpty) {
                return;
            }
            folder.delete(BackupFileName.INDEX);
        } catch (NoSuchFileException e) {
            // There is nothing of it, or somebody else has removed it.
            return;
        }
        vm.deleteFolder(backup);
        vm.sync();
    }

    /** Files that are not ours are not removed with those that are. */
    private static void refuseForeign(Folder folder) throws IOException {
        for (String file : folder.list()) {
            if (!BackupFileName.isKnown(file)
                    && !List.of(NEW_INDEX, NEW_ESCROW, NO_INDEX).contains(file)) {
                throw new ForeignFileException("there is something that no backup has");
            }
        }
    }

    private void barCommit(Folder folder, BackupId id) throws IOException {
        if (state(folder) == State.OPEN) {
            try {
                folder.create(BackupFileName.INDEX).close();
                folder.sync();
            } catch (FileAlreadyExistsException e) {
                // An earlier removal was broken off, or the run was committed just now.
            }
        }
        if (state(folder) == State.COMMITTED) {
            throw new BackupStoreException(
                    StoreFault.COMMITTED, describe(id, "") + " is complete; remove its index first");
        }
    }

    private static void removeIfEmpty(Folder store, UUID vm) throws IOException {
        try {
            store.deleteFolder(vm.toString());
            store.sync();
        } catch (DirectoryNotEmptyException e) {
            // Another backup is there.
            return;
        }
    }

    private Folder openRoot() throws BackupStoreException {
        return marker.open(storeID);
    }

    private static Folder open(Folder store, BackupId id) throws IOException {
        try (Folder vm = store.open(id.vm().toString())) {
            return vm.open(id.backup().toString());
        }
    }

    private static byte[] content(Folder folder, int limit) throws IOException {
        try (SeekableByteChannel channel = folder.read(BackupFileName.INDEX)) {
            ByteBuffer content = ByteBuffer.allocate(limit);
            while (content.hasRemaining() && channel.read(content) >= 0) {
                // Until the end.
            }
            return Arrays.copyOf(content.array(), content.position());
        }
    }

    private static void requireKnown(String file) {
        if (!BackupFileName.isKnown(file)) {
            throw new IllegalArgumentException("a backup has no file of this name");
        }
    }

    private String describe(BackupId id, String file) {
        return name + "/" + id.vm() + "/" + id.backup() + (file.isEmpty() ? "" : "/" + file);
    }

    private static BackupStoreException failure(String verb, String what, IOException cause) {
        return FolderFailure.of(verb, what, cause);
    }
}
