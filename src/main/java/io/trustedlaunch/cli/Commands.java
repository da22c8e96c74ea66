package io.trustedlaunch.cli;

import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;

/** What all command lines of the product have in common. */
public final class Commands {
    private static final IVersionProvider VERSION = () -> new String[] {"Trusted Launch Operator " + version()};

    private Commands() {}

    /** Of a command and those below it: {@code --version} says what is installed. */
    public static CommandLine line(Object command) {
        CommandLine line = new CommandLine(command);
        tellVersion(line);
        return line;
    }

    private static void tellVersion(CommandLine line) {
        line.getCommandSpec().versionProvider(VERSION);
        line.getSubcommands().values().forEach(Commands::tellVersion);
    }

    /** As the jar's manifest has it: classes that were just compiled have none. */
    private static String version() {
        String packaged = Commands.class.getPackage().getImplementationVersion();
        return packaged == null ? "(not packaged)" : packaged;
    }
}
