package io.trustedlaunch.agent.host;

import io.trustedlaunch.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Names the host's present boot, in a folder that the host empties when it boots. Should the folder outlive a boot, what was
 * proved of the boot before is contradicted, and nothing follows from it.
 */
public final class BootId {
    private static final String FILE = "boot-id";

    private BootId() {}

    /** Makes one if the agent has none of this boot yet. */
    public static String in(Path runFolder) {
        Path file = runFolder.resolve(FILE);
        try {
            return UUID.fromString(Files.readString(file, StandardCharsets.US_ASCII))
                    .toString();
        } catch (NoSuchFileException | IllegalArgumentException e) {
            return make(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static String make(Path file) {
        String made = UUID.randomUUID().toString();
        try {
            DurableFiles.write(file, made.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
        return made;
    }
}
