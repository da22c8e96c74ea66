package io.trustedlaunch.agent.location;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The folder {@code .nodes} of a location, where each agent keeps one small file. In a shared folder others may write too:
 * little is read, and all of it is validated.
 */
record BeaconFolder(Path location) {
    private static final String NAME = ".nodes";

    /** Far more than a cluster's nodes; bounds the work if the folder is flooded. */
    private static final int MAX_FILES = 4_096;

    private static final int MAX_BYTES = 128;

    /**
     * Rewrites the node's own file. Need not survive a power cut: the agent writes it again.
     *
     * @param own this node's beacon
     */
    void write(Beacon own) throws IOException {
        Path folder = folder();
        createFolder(folder);
        // A fixed name, so that an agent that dies here leaves at most one file.
        Path temporary = folder.resolve("." + own.nodeName());
        Files.deleteIfExists(temporary);
        Files.createFile(temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(temporary, own.content());
        Files.move(temporary, folder.resolve(own.nodeName()), ATOMIC_MOVE);
    }

    private static void createFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder, NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            // Another node's agent was faster, unless it is not a folder.
            if (!Files.isDirectory(folder, NOFOLLOW_LINKS)) {
                throw e;
            }
        }
    }

    /** Reads the files of all other agents. */
    List<Beacon> readOthers(String ownName) throws IOException {
        List<Beacon> read = new ArrayList<>();
        int seen = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder())) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (++seen > MAX_FILES) {
                    break;
                }
                if (!name.equals(ownName) && Beacon.isNodeName(name)) {
                    content(file)
                            .flatMap(content -> Beacon.parse(name, content))
                            .ifPresent(read::add);
                }
            }
        }
        return read;
    }

    /** Reads at most a beacon's size, and only regular files: a FIFO would block the reader. */
    private static Optional<String> content(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
            if (!attributes.isRegularFile() || attributes.size() > MAX_BYTES) {
                return Optional.empty();
            }
            try (SeekableByteChannel channel = Files.newByteChannel(file, Set.of(READ, NOFOLLOW_LINKS))) {
                ByteBuffer content = ByteBuffer.allocate(MAX_BYTES);
                while (content.hasRemaining() && channel.read(content) >= 0) {}
                return Optional.of(new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII));
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private Path folder() {
        return location.resolve(NAME);
    }
}
