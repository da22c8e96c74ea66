package io.trustedlaunch.files;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/** Files that are complete or absent, even if the power fails right after a method has returned. */
public final class DurableFiles {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private DurableFiles() {}

    /** Replaces the file by one that only its owner can read. */
    public static void write(Path file, byte[] content) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary, Set.of(CREATE_NEW, WRITE), PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
                ByteBuffer left = ByteBuffer.wrap(content);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
            }
            publish(temporary, file);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Renames a complete file to its final name, on the same file system. */
    public static void publish(Path finished, Path name) throws IOException {
        sync(finished);
        Files.move(finished, name, ATOMIC_MOVE);
        sync(name.getParent());
    }

    /** Makes a folder, and those above it. One that is there may not be on the disk yet. */
    public static void makeFolder(Path folder, FileAttribute<?>... attributes) throws IOException {
        if (!Files.isDirectory(folder)) {
            makeFolder(folder.getParent(), attributes);
            Files.createDirectories(folder, attributes);
        }
        if (folder.getParent() != null) {
            sync(folder.getParent());
        }
    }

    public static void remove(Path file) throws IOException {
        Files.delete(file);
        sync(file.getParent());
    }

    /** Also for folders: without it a new name in the folder can be lost. */
    public static void sync(Path fileOrFolder) throws IOException {
        try (FileChannel channel = FileChannel.open(fileOrFolder, READ)) {
            channel.force(true);
        }
    }
}
