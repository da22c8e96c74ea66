package io.trustedlaunch.cli;

import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;

/** Makes the command lines: {@code --version} prints the installed version. */
public final class Commands {
    private static final IVersionProvider VERSION = () -> new String[] {"Trusted Launch Operator " + version()};

    private Commands() {}

    public static CommandLine line(Object command) {
        CommandLine line = new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true);
        setVersion(line);
        return line;
    }

    private static void setVersion(CommandLine line) {
        line.getCommandSpec().versionProvider(VERSION);
        line.getSubcommands().values().forEach(Commands::setVersion);
    }

    /** From the jar's manifest; classes outside a jar have none. */
    private static String version() {
        String packaged = Commands.class.getPackage().getImplementationVersion();
        return packaged == null ? "(not packaged)" : packaged;
    }
}
