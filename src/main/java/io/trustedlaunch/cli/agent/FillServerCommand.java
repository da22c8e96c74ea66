package io.trustedlaunch.cli.agent;

import io.trustedlaunch.agent.fillserver.FillServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** The process that an agent starts; not for people. */
@Command(
        name = "fill-server",
        description = "Serve the disks of a backup to a VM.",
        mixinStandardHelpOptions = true,
        hidden = true)
final class FillServerCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "The folder of the fill, whose end is the server's.")
    private Path folder;

    @Override
    public Integer call() throws IOException {
        FillServer.run(folder);
        return ExitCode.OK;
    }
}
