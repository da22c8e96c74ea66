package io.trustedlaunch.agent.seed;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.process.Command;
import java.nio.file.Path;
import java.time.Duration;

/** The host's xorriso. Joliet and Rock Ridge keep the file names for Windows and Linux. */
public final class Xorriso implements IsoWriter {
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
                    Reason.StartFailed,
                    "xorriso cannot make the guest's answer CD: " + result.outputTail()
                            + "; check xorriso and the free space on this node");
        }
    }
}
