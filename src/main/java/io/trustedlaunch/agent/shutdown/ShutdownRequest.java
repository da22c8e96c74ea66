package io.trustedlaunch.agent.shutdown;

import io.trustedlaunch.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * The announced shutdown of the host: a file that {@code deploy/systemd/trusted-launch-stop-guests} creates in the agent's
 * run folder, which is in memory, so that it is gone after a reboot. While it exists, no guest is started.
 *
 * @param runFolder only root can create files there
 */
public record ShutdownRequest(Path runFolder) {
    private static final String REQUEST = "stop-guests";
    private static final String ANSWER = "stop-guests.answer";

    /** The file's time, by this host's clock; empty if there is none. */
    public Optional<Instant> since() {
        Path file = runFolder.resolve(REQUEST);
        try {
            return Optional.of(
                    Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the time of " + file, e);
        }
    }

    public boolean isPending() {
        return since().isPresent();
    }

    /** The script removes each answer that it has read; the next one shows that the agent is running. */
    void answer(String text) throws IOException {
        DurableFiles.write(runFolder.resolve(ANSWER), text.getBytes(StandardCharsets.UTF_8));
    }

    void removeAnswer() throws IOException {
        Files.deleteIfExists(runFolder.resolve(ANSWER));
    }
}
