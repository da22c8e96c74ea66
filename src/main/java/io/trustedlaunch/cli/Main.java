package io.trustedlaunch.cli;

import picocli.CommandLine.Command;

/** The entry point of operator, agent and fencer. */
@Command(
        name = "trusted-launch",
        description = "Run a component of the Trusted Launch Operator.",
        mixinStandardHelpOptions = true,
        subcommands = {OperatorCommand.class, AgentCommand.class, FencerCommand.class, CheckCommand.class})
public final class Main {
    public static void main(String[] args) {
        System.exit(Commands.line(new Main()).execute(args));
    }
}
