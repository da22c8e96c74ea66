package io.trustedlaunch.cli.fencer;

import io.trustedlaunch.cli.Commands;
import picocli.CommandLine.Command;

/** The entry point of the fencer. */
@Command(
        name = "trusted-launch",
        description = "Run a fencer of the Trusted Launch Operator.",
        mixinStandardHelpOptions = true,
        subcommands = {FencerCommand.class})
public final class FencerMain {
    public static void main(String[] args) {
        Commands.run(new FencerMain(), args);
    }
}
