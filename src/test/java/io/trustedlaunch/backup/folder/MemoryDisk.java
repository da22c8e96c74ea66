package io.trustedlaunch.backup.folder;

import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.files.ForeignFileException;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Folders in memory. Any call that changes something can fail before or halfway through its effect, and a power cut at any
 * moment loses all, some or none of what was not synced. Several threads may use it.
 */
public final class MemoryDisk {
    private sealed interface Node {}

    private static final class File implements Node {
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private int synced;
    }

    private static final class Dir implements Node {
        private final Map<String, Node> names = new TreeMap<>();
        private final Map<String, Node> durable = new TreeMap<>();
    }

    /** A name that was added or removed (null), but is not on the disk yet. */
    private record Change(Dir dir, String name, Node node) {}

    private final Dir root;
    private final List<Change> pending = new ArrayList<>();
    private int calls;
    private int failingCall = Integer.MAX_VALUE;
    private IOException failure;
    private String unreadable = "";
    private int looks;
    private int othersBefore = Integer.MAX_VALUE;
    private Runnable others = () -> {};

    public MemoryDisk() {
        this(new Dir());
    }

    private MemoryDisk(Dir root) {
        this.root = root;
    }

    public BackupStore store() {
        return new FolderStore("memory", marker(), BackupLocations.ID);
    }

    FolderMarker marker() {
        return new FolderMarker("memory", () -> new MemoryFolder(root));
    }

    /** Makes its marker, as a person has it made. */
    public MemoryDisk marked() {
        try {
            marker().make(BackupLocations.ID);
        } catch (BackupStoreException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    Folder folder() {
        return new MemoryFolder(root);
    }

    /** Makes the change with this number, counted from now, and all later ones fail. */
    public void failAt(int call, IOException how) {
        calls = 0;
        failingCall = call;
        failure = how;
    }

    public void heal() {
        failingCall = Integer.MAX_VALUE;
    }

    /** Others use the disk just before the call with this number, counted from now, that lists, opens or reads. */
    public void meanwhile(int call, Runnable use) {
        looks = 0;
        othersBefore = call;
        others = use;
    }

    /** Calls that list, open or read, without those of the others. */
    public int looks() {
        return looks;
    }

    private void look() {
        looks++;
        if (looks == othersBefore) {
            int own = looks;
            othersBefore = Integer.MAX_VALUE;
            others.run();
            looks = own;
        }
    }

    boolean hasFailed() {
        return calls >= failingCall;
    }

    /** The files of a backup. */
    public Set<String> files(BackupId id) {
        return Set.copyOf(dir(id).names.keySet());
    }

    /** Replaces a file's content by what is made of it, as somebody with access to the storage can; null removes the file. */
    public void alter(BackupId id, String file, UnaryOperator<byte[]> damage) {
        Dir dir = dir(id);
        byte[] damaged = damage.apply(content(id, file));
        if (damaged == null) {
            dir.names.remove(file);
        } else {
            dir.names.put(file, file(damaged));
        }
    }

    /** Null if there is no such file, or no such backup. */
    public byte[] content(BackupId id, String file) {
        if (!(root.names.get(id.vm().toString()) instanceof Dir vm)
                || !vm.names.containsKey(id.backup().toString())) {
            return null;
        }
        return dir(id).names.get(file) instanceof File found ? found.content.toByteArray() : null;
    }

    /** Puts a folder in the place of a file. */
    public void replaceByFolder(BackupId id, String file) {
        dir(id).names.put(file, new Dir());
    }

    /** As of a disk that goes bad. */
    void failReadsOf(String name) {
        unreadable = name;
    }

    /** Of all that is in the store's folder. */
    public Set<String> names() {
        return Set.copyOf(root.names.keySet());
    }

    private Dir dir(BackupId id) {
        return (Dir)
                ((Dir) root.names.get(id.vm().toString())).names.get(id.backup().toString());
    }

    private static File file(byte[] content) {
        File file = new File();
        file.content.writeBytes(content);
        file.synced = content.length;
        return file;
    }

    /**
     * All possible contents of the disk after a power cut. Of unsynced changes of names any subset may have been written; of
     * unsynced content nothing, half or all.
     */
    List<MemoryDisk> afterPowerCut() {
        List<MemoryDisk> disks = new ArrayList<>();
        for (long subset = 0; subset < 1L << pending.size(); subset++) {
            for (int torn = 0; torn <= 2; torn++) {
                disks.add(new MemoryDisk((Dir) left(root, BitSet.valueOf(new long[] {subset}), torn)));
            }
        }
        return disks;
    }

    /** One of them. */
    public MemoryDisk afterPowerCut(Random random) {
        BitSet subset = new BitSet();
        for (int change = 0; change < pending.size(); change++) {
            subset.set(change, random.nextBoolean());
        }
        return new MemoryDisk((Dir) left(root, subset, random.nextInt(3)));
    }

    private Node left(Node node, BitSet subset, int torn) {
        return switch (node) {
            case File file -> {
                int unsynced = file.content.size() - file.synced;
                yield file(Arrays.copyOf(file.content.toByteArray(), file.synced + unsynced * torn / 2));
            }
            case Dir dir -> {
                Map<String, Node> names = new TreeMap<>(dir.durable);
                for (int change = 0; change < pending.size(); change++) {
                    Change came = pending.get(change);
                    if (came.dir() == dir && subset.get(change)) {
                        if (came.node() == null) {
                            names.remove(came.name());
                        } else {
                            names.put(came.name(), came.node());
                        }
                    }
                }
                Dir left = new Dir();
                names.forEach((name, child) -> left.names.put(name, left(child, subset, torn)));
                left.durable.putAll(left.names);
                yield left;
            }
        };
    }

    private void change() throws IOException {
        calls++;
        if (calls >= failingCall) {
            throw failure;
        }
    }

    private final class MemoryFolder implements Folder {
        private final Dir dir;

        MemoryFolder(Dir dir) {
            this.dir = dir;
        }

        @Override
        public List<String> list() {
            look();
            synchronized (root) {
                return List.copyOf(dir.names.keySet());
            }
        }

        @Override
        public Folder open(String name) throws IOException {
            look();
            synchronized (root) {
                if (existing(name) instanceof Dir child) {
                    return new MemoryFolder(child);
                }
                throw new ForeignFileException(name + " is a file");
            }
        }

        @Override
        public void make(String name) throws IOException {
            synchronized (root) {
                requireNew(name);
                change();
                put(name, new Dir());
            }
        }

        @Override
        public NewFile create(String name) throws IOException {
            synchronized (root) {
                requireNew(name);
                change();
                File file = new File();
                put(name, file);
                return new NewFile() {
                    @Override
                    public void write(ByteBuffer bytes) throws IOException {
                        byte[] more = new byte[bytes.remaining()];
                        bytes.get(more);
                        synchronized (root) {
                            file.content.write(more, 0, more.length / 2);
                            change();
                            file.content.write(more, more.length / 2, more.length - more.length / 2);
                        }
                    }

                    @Override
                    public void sync() throws IOException {
                        synchronized (root) {
                            change();
                            file.synced = file.content.size();
                        }
                    }

                    @Override
                    public void close() {
                        // Nothing is held.
                    }
                };
            }
        }

        @Override
        public SeekableByteChannel read(String name) throws IOException {
            look();
            synchronized (root) {
                if (name.equals(unreadable)) {
                    throw new IOException("Input/output error");
                }
                if (existing(name) instanceof File file) {
                    return new Reading(file.content.toByteArray());
                }
                throw new ForeignFileException(name + " is a folder");
            }
        }

        @Override
        public void link(String existing, String name) throws IOException {
            synchronized (root) {
                Node node = existing(existing);
                requireNew(name);
                change();
                put(name, node);
            }
        }

        @Override
        public void rename(String existing, String name) throws IOException {
            synchronized (root) {
                Node node = existing(existing);
                change();
                put(existing, null);
                put(name, node);
            }
        }

        @Override
        public void delete(String name) throws IOException {
            synchronized (root) {
                if (dir.names.get(name) instanceof Dir child && !child.names.isEmpty()) {
                    throw new DirectoryNotEmptyException(name);
                }
                if (dir.names.containsKey(name)) {
                    change();
                    put(name, null);
                }
            }
        }

        @Override
        public void deleteFolder(String name) throws IOException {
            synchronized (root) {
                if (dir.names.get(name) instanceof File) {
                    throw new ForeignFileException(name + " is not a folder");
                }
                delete(name);
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (root) {
                change();
                dir.durable.clear();
                dir.durable.putAll(dir.names);
                pending.removeIf(change -> change.dir() == dir);
            }
        }

        @Override
        public void close() {
            // Nothing is held.
        }

        private Node existing(String name) throws NoSuchFileException {
            Node node = dir.names.get(name);
            if (node == null) {
                throw new NoSuchFileException(name);
            }
            return node;
        }

        private void requireNew(String name) throws FileAlreadyExistsException {
            if (dir.names.containsKey(name)) {
                throw new FileAlreadyExistsException(name);
            }
        }

        private void put(String name, Node node) {
            if (node == null) {
                dir.names.remove(name);
            } else {
                dir.names.put(name, node);
            }
            pending.add(new Change(dir, name, node));
        }
    }

    /** A file's content as it is now. */
    private static final class Reading implements SeekableByteChannel {
        private final byte[] content;
        private long position;
        private boolean closed;

        Reading(byte[] content) {
            this.content = content;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
            if (position >= content.length) {
                return -1;
            }
            int length = Math.min(into.remaining(), content.length - (int) position);
            into.put(content, (int) position, length);
            position += length;
            return length;
        }

        @Override
        public int write(ByteBuffer from) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public SeekableByteChannel position(long newPosition) {
            position = newPosition;
            return this;
        }

        @Override
        public long size() {
            return content.length;
        }

        @Override
        public SeekableByteChannel truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return !closed;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
