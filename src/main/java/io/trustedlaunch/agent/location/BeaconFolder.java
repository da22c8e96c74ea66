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
 * The folder {@code .nodes} of a location, where each agent keeps one small file. Others may write there as well, in a
 * folder that is shared: what is read is little, and every bit of it is doubted.
 */
record BeaconFolder(Path location) {
    private static final String NAME = ".nodes";

    /** Far more than a cluster has nodes; who fills the folder with names keeps nobody busy for long. */
    private static final int MOST_FILES = 4_096;

    private static final int LONGEST = 128;

    /**
     * Writes the node's own file anew. Not made to survive a power cut: after one, it is written again.
     *
     * @param own named by this node
     */
    void write(Beacon own) throws IOException {
        Path folder = folder();
        makeOnce(folder);
        // One name a node, so that an agent that dies here leaves no more than one behind.
        Path temporary = folder.resolve("." + own.nodeName());
        Files.deleteIfExists(temporary);
        Files.createFile(temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(temporary, own.content());
        Files.move(temporary, folder.resolve(own.nodeName()), ATOMIC_MOVE);
    }

    private static void makeOnce(Path folder) throws IOException {
        if (Files.isDirectory(folder, NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            // Another node's agent was quicker; anything but a folder is not written into.
            if (!Files.isDirectory(folder, NOFOLLOW_LINKS)) {
                throw e;
            }
        }
    }

    /** The files of all agents but this node's. */
    List<Beacon> readOthers(String ownName) throws IOException {
        List<Beacon> read = new ArrayList<>();
        int seen = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder())) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (++seen > MOST_FILES) {
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

    /** Never more than a beacon has, and only of a file: a FIFO would hold the reader for ever. */
    private static Optional<String> content(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
            if (!attributes.isRegularFile() || attributes.size() > LONGEST) {
                return Optional.empty();
            }
            try (SeekableByteChannel channel = Files.newByteChannel(file, Set.of(READ, NOFOLLOW_LINKS))) {
                ByteBuffer content = ByteBuffer.allocate(LONGEST);
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
