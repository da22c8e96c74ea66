package io.trustedlaunch.testkit.faultydisk;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.CopyOption;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The real file system as one host sees it by {@link #view paths of this disk}: what was done there and not synced is lost when
 * the host loses its power. Contents of a file are on the disk when it was synced, and names, also those of new folders, when the
 * folder that has them was.
 */
public final class VolatileDisk extends FaultyDisk {
    private final List<Path> roots;
    private final Path kept;
    private final List<Change> changes = new ArrayList<>();
    /** What is on the disk, of files that were written since, by what stays the same when a file is renamed. */
    private final Map<Object, byte[]> contents = new HashMap<>();

    private int removed;

    /** A name that is not on the disk as it is now. */
    private record Change(Path name, Undo undo) {
        boolean isIn(Path folder) {
            return folder.equals(name.getParent());
        }
    }

    private interface Undo {
        void run() throws IOException;
    }

    /**
     * @param roots all files are below them
     * @param kept a folder on the same file system, for what may have to be there again
     */
    public VolatileDisk(List<Path> roots, Path kept) {
        super(FileSystems.getDefault().provider());
        this.roots = roots;
        this.kept = kept;
    }

    /** Of the host that uses this disk. */
    public void losePower() {
        try {
            for (Change change : changes.reversed()) {
                change.undo().run();
            }
            changes.clear();
            for (Path root : contents.isEmpty() ? List.<Path>of() : roots) {
                loseContents(root);
            }
            contents.clear();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void loseContents(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                byte[] synced = contents.get(identity(file));
                if (synced != null) {
                    Files.write(file, synced);
                }
            }
        }
    }

    private static Object identity(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS)
                .fileKey();
    }

    private static boolean exists(Path file) {
        return Files.exists(file, NOFOLLOW_LINKS);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        Path file = real(path);
        boolean writes = options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
        boolean isNew = writes && !exists(file);
        if (writes && !isNew) {
            contents.putIfAbsent(identity(file), Files.readAllBytes(file));
        }
        FileChannel channel = super.newFileChannel(path, options, attributes);
        if (isNew) {
            contents.put(identity(file), new byte[0]);
            made(file);
        }
        return channel;
    }

    @Override
    FaultyChannel channel(FileChannel opened, Path path) {
        return new FaultyChannel(opened, path) {
            @Override
            public void force(boolean metadata) throws IOException {
                super.force(metadata);
                synced(real(path));
            }
        };
    }

    private void synced(Path path) throws IOException {
        if (exists(path)) {
            contents.remove(identity(path));
        }
        changes.removeIf(change -> change.isIn(path));
    }

    /** The name is new. */
    private void made(Path file) throws IOException {
        Object made = identity(file);
        changes.add(new Change(file, () -> {
            if (exists(file) && identity(file).equals(made)) {
                Files.delete(file);
            }
        }));
    }

    @Override
    public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
        super.createDirectory(path, attributes);
        Path folder = real(path);
        changes.add(new Change(folder, () -> {
            if (exists(folder)) {
                FileTree.of(folder).delete();
            }
        }));
    }

    @Override
    public void createLink(Path link, Path existing) throws IOException {
        super.createLink(link, existing);
        made(real(link));
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        super.copy(source, target, options);
        contents.put(identity(real(target)), new byte[0]);
        made(real(target));
    }

    @Override
    public void delete(Path path) throws IOException {
        Path file = real(path);
        Undo undo = Files.isDirectory(file, NOFOLLOW_LINKS) ? () -> Files.createDirectories(file) : restore(file);
        super.delete(path);
        changes.add(new Change(file, undo));
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        Path from = real(source);
        Path to = real(target);
        Undo replaced = restore(to);
        super.move(source, target, options);
        Object moved = identity(to);
        changes.add(new Change(to, () -> {
            if (exists(to) && identity(to).equals(moved) && !exists(from)) {
                Files.move(to, from);
            }
            replaced.run();
        }));
    }

    /** Of a name that is going to be removed: it is there again, unless another one has it. */
    private Undo restore(Path file) throws IOException {
        if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) {
            return () -> {};
        }
        Path copy = kept.resolve(Integer.toString(++removed));
        Files.createLink(copy, file);
        return () -> {
            if (!exists(file) && exists(file.getParent())) {
                Files.createLink(file, copy);
            }
        };
    }
}
