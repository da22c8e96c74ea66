package io.trustedlaunch.agent.tpm;

import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The library that is swtpm's TPM. swtpm does not report its version, and each distribution has another command to ask for
 * a package's; the name of the file that the loader finds ends with it everywhere.
 *
 * @param library as the loader names it, usually a link; empty if it cannot be found out
 */
public record Libtpms(Optional<Path> library) {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Pattern LOADED = Pattern.compile("(?m)^\\s*libtpms\\.so\\.\\d+ => (/\\S+)");
    private static final Pattern FILE = Pattern.compile("libtpms\\.so\\.(\\d+\\.\\d+\\.\\d+)");

    /** Finds the libtpms of this swtpm by its name in the PATH. */
    static Libtpms of(String swtpm) {
        return loadedBy(Command.of(TIMEOUT, "/bin/sh", "-c", "ldd \"$(command -v \"$0\")\"", swtpm)
                .run()
                .output());
    }

    static Libtpms loadedBy(String lddOutput) {
        Matcher matcher = LOADED.matcher(lddOutput);
        return new Libtpms(matcher.find() ? Optional.of(Path.of(matcher.group(1))) : Optional.empty());
    }

    /** The version that a TPM has which is started now: an upgrade replaces the file. Empty if it cannot be found out. */
    public Optional<String> version() {
        return library.flatMap(Libtpms::version);
    }

    private static Optional<String> version(Path link) {
        try {
            Matcher matcher = FILE.matcher(link.toRealPath().getFileName().toString());
            return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
