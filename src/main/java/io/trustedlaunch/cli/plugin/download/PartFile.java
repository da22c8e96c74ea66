package io.trustedlaunch.cli.plugin.download;

import io.trustedlaunch.cli.CommandException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.CopyOption;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file that gets its name only once all of it is there and on the disk; until then it has that name with .part, and it is removed
 * if it does not come so far. What is not written is a hole, and reads as zeros. Only its owner may read it.
 */
public final class PartFile implements DiskFile, AutoCloseable {
    private final Path file;
    private final Path part;
    private final boolean replace;
    private final FileChannel channel;
    private volatile boolean published;

    private PartFile(Path file, Path part, boolean replace, FileChannel channel) {
        this.file = file;
        this.part = part;
        this.replace = replace;
        this.channel = channel;
    }

    /**
     * @param replace whether a file of that name may be replaced
     * @throws CommandException if there is one that may not, or a folder, or an unfinished one
     */
    public static PartFile create(Path file, boolean replace) throws IOException {
        if (!replace && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw exists(file);
        }
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new CommandException(file + " is a folder: name a file");
        }
        Path part = Path.of(file + ".part");
        try {
            return new PartFile(
                    file,
                    part,
                    replace,
                    FileChannel.open(
                            part,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE),
                            ownerOnly(part)));
        } catch (FileAlreadyExistsException e) {
            throw new CommandException("there is a file " + part
                    + ": another download writes it, or one was killed. Remove it if none is under way");
        }
    }

    /** On Windows, who may read a file follows from its folder, and a user's folders are the user's. */
    private static FileAttribute<?>[] ownerOnly(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private static CommandException exists(Path file) {
        return new CommandException("there is a file " + file + ": name another one, or replace it with --force");
    }

    @Override
    public void write(long at, ByteBuffer part, long bytes) throws IOException {
        write(at, part);
    }

    /** Writes all of these bytes. */
    public void write(long at, ByteBuffer bytes) throws IOException {
        long to = at;
        while (bytes.hasRemaining()) {
            to += channel.write(bytes, to);
        }
    }

    /** Where its content is until it has its name. */
    public Path unfinished() {
        return part;
    }

    /** @param bytes that it has, with a hole at its end */
    @Override
    public void publish(long bytes) throws IOException {
        if (bytes > channel.size()) {
            write(bytes - 1, ByteBuffer.allocate(1));
        }
        channel.force(true);
        channel.close();
        try {
            Files.move(part, file, replace ? new CopyOption[] {StandardCopyOption.ATOMIC_MOVE} : new CopyOption[0]);
        } catch (FileAlreadyExistsException e) {
            throw exists(file);
        }
        // The part's name may be another download's from now on.
        published = true;
    }

    /** For a process that ends while another thread writes. If it cannot be removed, the next download says that it is there. */
    public void abandon() {
        try {
            remove();
        } catch (IOException e) {
            return;
        }
    }

    private void remove() throws IOException {
        if (!published) {
            Files.deleteIfExists(part);
        }
    }

    /** Removes it unless it has its name. */
    @Override
    public void close() throws IOException {
        channel.close();
        remove();
    }
}
