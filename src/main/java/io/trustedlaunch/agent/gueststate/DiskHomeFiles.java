package io.trustedlaunch.agent.gueststate;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.trustedlaunch.agent.host.DurableFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A home in a folder of a local or shared file system. */
public record DiskHomeFiles(Path folder) implements HomeFiles {
    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Links are not followed: one could lead to any of root's files. A FIFO would block the reader. */
    @Override
    public byte[] read(String name, int limit) throws IOException {
        if (!Files.readAttributes(folder.resolve(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isRegularFile()) {
            throw new IOException(folder.resolve(name) + " is not a regular file");
        }
        try (InputStream in = Files.newInputStream(folder.resolve(name), READ, LinkOption.NOFOLLOW_LINKS)) {
            return in.readNBytes(limit);
        }
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(
                folder.resolve(name),
                Set.of(CREATE_NEW, WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        }
    }

    @Override
    public void sync(String name) throws IOException {
        DurableFiles.sync(folder.resolve(name));
    }

    @Override
    public void link(String existing, String name) throws IOException {
        Files.createLink(folder.resolve(name), folder.resolve(existing));
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
    }

    @Override
    public void syncFolder() throws IOException {
        DurableFiles.sync(folder);
    }
}
