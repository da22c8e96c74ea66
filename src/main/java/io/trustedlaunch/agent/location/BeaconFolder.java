package io.trustedlaunch.agent.location;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The folder {@code .nodes} of a location, where each agent keeps its beacon and a file that it locks. In a shared folder
 * others may write too: little is read, and all of it is validated.
 */
record BeaconFolder(Path location) {
    private static final String NAME = ".nodes";

    /** Far more than a cluster's nodes, with two files each; bounds the work if the folder is flooded. */
    static final int MAX_FILES = 8_192;

    private static final int MAX_BYTES = 128;

    /**
     * Rewrites the node's own file. Need not survive a power cut: the agent writes it again.
     *
     * @param own this node's beacon
     */
    void write(Beacon own) throws IOException {
        create();
        Path folder = folder();
        // A fixed name, so that an agent that dies here leaves at most one file.
        Path temporary = folder.resolve("." + own.nodeName());
        Files.deleteIfExists(temporary);
        Files.createFile(temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(temporary, own.content());
        Files.move(temporary, folder.resolve(own.nodeName()), ATOMIC_MOVE);
    }

    void create() throws IOException {
        Path folder = folder();
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

    /**
     * Reads the beacons of the other nodes.
     *
     * @param known nodes whose beacons were there before: they are asked for by name if the listing does not show them
     */
    BeaconListing list(String ownName, Set<String> known) throws IOException {
        Map<String, BeaconReading> readings = new HashMap<>();
        int seen = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder())) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (++seen > MAX_FILES) {
                    break;
                }
                if (!name.equals(ownName) && Beacon.isNodeName(name)) {
                    readings.put(name, read(name));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        boolean isWhole =
                seen <= MAX_FILES && readings.values().stream().noneMatch(BeaconReading.Unreadable.class::isInstance);
        known.forEach(name -> readings.computeIfAbsent(name, this::read));
        return listing(readings, isWhole);
    }

    private static BeaconListing listing(Map<String, BeaconReading> readings, boolean isWhole) {
        List<Beacon> found = new ArrayList<>();
        Set<String> missing = new HashSet<>();
        readings.forEach((name, reading) -> {
            switch (reading) {
                case BeaconReading.Found(Beacon beacon) -> found.add(beacon);
                case BeaconReading.Missing gone -> missing.add(name);
                case BeaconReading.Unreadable unreadable -> {}
            }
        });
        return new BeaconListing(found, missing, isWhole);
    }

    /** Reads the beacon of one node. Reads at most a beacon's size, and only a regular file: a FIFO would block the reader. */
    BeaconReading read(String nodeName) {
        Path file = folder().resolve(nodeName);
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
            if (!attributes.isRegularFile() || attributes.size() > MAX_BYTES) {
                return new BeaconReading.Unreadable(file + " is no file that an agent writes");
            }
            return Beacon.parse(nodeName, content(file))
                    .<BeaconReading>map(BeaconReading.Found::new)
                    .orElseGet(() -> new BeaconReading.Unreadable(file + " has content that no agent writes"));
        } catch (NoSuchFileException e) {
            return new BeaconReading.Missing();
        } catch (IOException e) {
            return new BeaconReading.Unreadable(file + " cannot be read: " + e);
        }
    }

    private static String content(Path file) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file, Set.of(READ, NOFOLLOW_LINKS))) {
            ByteBuffer content = ByteBuffer.allocate(MAX_BYTES);
            while (content.hasRemaining() && channel.read(content) >= 0) {}
            return new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII);
        }
    }

    /** The file that a node's agent keeps a lock on. No node has its name. */
    Path lockOf(String nodeName) {
        return folder().resolve("_" + nodeName);
    }

    private Path folder() {
        return location.resolve(NAME);
    }
}
