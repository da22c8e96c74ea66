package io.trustedlaunch.agent.location;

import io.trustedlaunch.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Distinguishes this agent's beacons from those of another cluster's node with the same name. Kept across restarts, so that
 * a restart changes nothing for other nodes; random, but not secret.
 */
public final class LocationToken {
    private static final int BYTES = 16;
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");

    private final Path file;
    private final SecureRandom random;
    private String value;

    /** @param file in the agent's own folder; created on first use */
    public LocationToken(Path file, SecureRandom random) {
        this.file = file;
        this.random = random;
    }

    synchronized String value() {
        if (value == null) {
            value = readOrCreate();
        }
        return value;
    }

    private String readOrCreate() {
        try {
            String kept = read();
            if (FORM.matcher(kept).matches()) {
                return kept;
            }
            byte[] bytes = new byte[BYTES];
            random.nextBytes(bytes);
            String token = HexFormat.of().formatHex(bytes);
            DurableFiles.write(file, token.getBytes(StandardCharsets.US_ASCII));
            return token;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the token for storage locations in " + file, e);
        }
    }

    private String read() throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
