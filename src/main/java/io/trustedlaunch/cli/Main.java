package io.trustedlaunch.cli;

import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** The entry point of operator, agent and fencer. */
@Command(
        name = "trusted-launch",
        description = "Run a component of the Trusted Launch Operator.",
        mixinStandardHelpOptions = true,
        subcommands = {OperatorCommand.class, AgentCommand.class, FencerCommand.class, CheckCommand.class})
public final class Main {
    public static void main(String[] args) {
        // Not as it comes on standard error: an exception may quote what looks as a line of the audit log.
        Thread.setDefaultUncaughtExceptionHandler((thread, fault) ->
                LoggerFactory.getLogger(Main.class).error("Thread {} has ended", thread.getName(), fault));
        System.exit(Commands.line(new Main()).execute(args));
    }
}
