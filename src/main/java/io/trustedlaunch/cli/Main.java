package io.trustedlaunch.cli;

import picocli.CommandLine.Command;

/** The one entry point: {@code operator} and {@code agent} are its subcommands. */
@Command(
        name = "trusted-launch",
        description = "Trusted launch virtual machines on Kubernetes.",
        mixinStandardHelpOptions = true,
        subcommands = {OperatorCommand.class, AgentCommand.class})
public final class Main {
    public static void main(String[] args) {
        System.exit(Commands.line(new Main()).execute(args));
    }
}
