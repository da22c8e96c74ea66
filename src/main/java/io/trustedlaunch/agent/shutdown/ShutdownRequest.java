package io.trustedlaunch.agent.shutdown;

import io.trustedlaunch.agent.host.DurableFiles;
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
 * That the host is to shut down: a file that {@code deploy/systemd/trusted-launch-stop-guests} makes in the agent's run
 * folder, which is in memory, so that it is gone after the reboot. While it is there no guest is started.
 *
 * @param runFolder only root makes files there
 */
public record ShutdownRequest(Path runFolder) {
    private static final String REQUEST = "stop-guests";
    private static final String ANSWER = "stop-guests.answer";

    /** When it was made, by this host's clock; empty: there is none. */
    public Optional<Instant> since() {
        Path file = runFolder.resolve(REQUEST);
        try {
            return Optional.of(
                    Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at " + file, e);
        }
    }

    public boolean isPending() {
        return since().isPresent();
    }

    /** Whoever asked removes each answer that it read, and sees by the next one that the agent lives. */
    void answer(String text) throws IOException {
        DurableFiles.write(runFolder.resolve(ANSWER), text.getBytes(StandardCharsets.UTF_8));
    }

    void withdrawAnswer() throws IOException {
        Files.deleteIfExists(runFolder.resolve(ANSWER));
    }
}
