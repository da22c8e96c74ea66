package io.trustedlaunch.cli;

import io.trustedlaunch.process.ProductVersion;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;

/** Makes the command lines: {@code --version} prints the installed version. */
public final class Commands {
    private static final IVersionProvider VERSION =
            () -> new String[] {"Trusted Launch Operator " + ProductVersion.running()};

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
}
