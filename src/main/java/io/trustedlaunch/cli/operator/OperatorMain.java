package io.trustedlaunch.cli.operator;

import io.trustedlaunch.cli.Commands;
import picocli.CommandLine.Command;

/** The entry point of the operator. */
@Command(
        name = "trusted-launch",
        description = "Run the operator of the Trusted Launch Operator.",
        mixinStandardHelpOptions = true,
        subcommands = {OperatorCommand.class, CheckCommand.class})
public final class OperatorMain {
    public static void main(String[] args) {
        Commands.run(new OperatorMain(), args);
    }
}
