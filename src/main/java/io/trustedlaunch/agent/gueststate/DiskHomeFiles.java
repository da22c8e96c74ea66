package io.trustedlaunch.agent.gueststate;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.files.RegularFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/** A home in a folder of a local or shared file system. */
public record DiskHomeFiles(Path folder) implements HomeFiles {
    @Override
    public List<String> list() throws IOException {
        return new RegularFiles(folder).list();
    }

    @Override
    public byte[] read(String name, int limit) throws IOException {
        return new RegularFiles(folder).read(name, limit);
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
    public void rename(String existing, String name) throws IOException {
        Files.move(folder.resolve(existing), folder.resolve(name), ATOMIC_MOVE);
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
