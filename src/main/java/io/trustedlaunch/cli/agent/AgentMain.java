package io.trustedlaunch.cli.agent;

import io.trustedlaunch.cli.Commands;
import picocli.CommandLine.Command;

/** The entry point of the agent. */
@Command(
        name = "trusted-launch",
        description = "Run an agent of the Trusted Launch Operator.",
        mixinStandardHelpOptions = true,
        subcommands = {AgentCommand.class, FillServerCommand.class})
public final class AgentMain {
    public static void main(String[] args) {
        Commands.run(new AgentMain(), args);
    }
}
