package io.trustedlaunch.files;

import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;

/** Reads the files in a folder that others can write to. */
public record RegularFiles(Path folder) {
    /** The names of all files; none if the folder does not exist. */
    public List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Links are not followed: one could lead to any of root's files. A FIFO would block the reader. */
    public byte[] read(String name, int limit) throws IOException {
        if (!Files.readAttributes(folder.resolve(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isRegularFile()) {
            throw new IOException(folder.resolve(name) + " is not a regular file");
        }
        try (InputStream in = Files.newInputStream(folder.resolve(name), READ, LinkOption.NOFOLLOW_LINKS)) {
            return in.readNBytes(limit);
        }
    }
}
