package io.trustedlaunch.agent.location;

import io.trustedlaunch.agent.host.DurableFiles;
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
 * What tells this agent's files in storage locations from those of an agent of another cluster whose node has the same
 * name. Kept over restarts, so that a restart is no news to other nodes; random, and no secret.
 */
public final class LocationToken {
    private static final int BYTES = 16;
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");

    private final Path file;
    private final SecureRandom random;
    private String value;

    /** @param file on this host, in a folder of the agent's own; made when it is first asked for */
    public LocationToken(Path file, SecureRandom random) {
        this.file = file;
        this.random = random;
    }

    synchronized String value() {
        if (value == null) {
            value = readOrMake();
        }
        return value;
    }

    private String readOrMake() {
        try {
            String kept = read();
            if (FORM.matcher(kept).matches()) {
                return kept;
            }
            byte[] made = new byte[BYTES];
            random.nextBytes(made);
            String token = HexFormat.of().formatHex(made);
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
