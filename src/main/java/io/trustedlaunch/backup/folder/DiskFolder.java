package io.trustedlaunch.backup.folder;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.files.ForeignFileException;
import io.trustedlaunch.files.OpenFile;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** A folder by its open descriptor: whatever is done to the path that led to it, this stays the same folder. */
final class DiskFolder implements Folder {
    private final OpenFile folder;

    private DiskFolder(OpenFile folder) {
        this.folder = folder;
    }

    /** @param folder as its administrator names it; there may be links on the way to it */
    static DiskFolder root(Path folder) throws IOException {
        return new DiskFolder(OpenFile.openFolder(folder));
    }

    @Override
    public OptionalLong room() {
        File file = folder.path().toFile();
        // A file server that does not tell has no total, either.
        return file.getTotalSpace() > 0 ? OptionalLong.of(file.getUsableSpace()) : OptionalLong.empty();
    }

    @Override
    public List<String> list() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder.path())) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    @Override
    public Folder open(String name) throws IOException {
        return new DiskFolder(folder.folder(name));
    }

    @Override
    public void make(String name) throws IOException {
        Files.createDirectory(at(name), mode("rwx------"));
    }

    @Override
    public NewFile create(String name) throws IOException {
        FileChannel channel = FileChannel.open(at(name), Set.of(CREATE_NEW, WRITE), mode("rw-------"));
        return new NewFile() {
            @Override
            public void write(ByteBuffer bytes) throws IOException {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }

            @Override
            public void sync() throws IOException {
                channel.force(true);
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    @Override
    public SeekableByteChannel read(String name) throws IOException {
        try (OpenFile file = folder.file(name)) {
            return FileChannel.open(file.path(), READ);
        }
    }

    @Override
    public void link(String existing, String name) throws IOException {
        Files.createLink(at(name), at(existing));
    }

    @Override
    public void rename(String existing, String name) throws IOException {
        Files.move(at(existing), at(name), ATOMIC_MOVE);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(at(name));
    }

    @Override
    public void deleteFolder(String name) throws IOException {
        if (Files.exists(at(name), NOFOLLOW_LINKS)
                && !Files.readAttributes(at(name), BasicFileAttributes.class, NOFOLLOW_LINKS)
                        .isDirectory()) {
            throw new ForeignFileException(name + " is not a folder");
        }
        Files.deleteIfExists(at(name));
    }

    @Override
    public void sync() throws IOException {
        DurableFiles.sync(folder.path());
    }

    @Override
    public void close() {
        folder.close();
    }

    private Path at(String name) {
        if (name.isEmpty() || name.contains("/") || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException("not the name of a file in a folder");
        }
        return folder.path().resolve(name);
    }

    private static FileAttribute<?> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }
}
