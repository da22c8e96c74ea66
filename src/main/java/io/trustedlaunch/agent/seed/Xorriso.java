package io.trustedlaunch.agent.seed;

import io.trustedlaunch.agent.host.Command;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import java.nio.file.Path;
import java.time.Duration;

/** The host's xorriso: a disc that Linux and Windows read, with names as they are. */
public final class Xorriso implements DiscTool {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @Override
    public void write(String volume, Path files, Path image) {
        Command.Result result = Command.of(
                        TIMEOUT,
                        "xorriso",
                        "-as",
                        "mkisofs",
                        "-quiet",
                        "-volid",
                        volume,
                        "-joliet",
                        "-rational-rock",
                        "-output",
                        image.toString(),
                        files.toString())
                .run();
        if (!result.succeeded()) {
            throw new RefusedException(
                    Reason.StartFailed, "xorriso made no answer CD for the guest: " + result.outputTail());
        }
    }
}
