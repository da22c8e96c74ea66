package io.trustedlaunch.cli;

import io.trustedlaunch.process.ProductVersion;
import java.io.PrintWriter;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Makes the command lines: {@code --version} prints the installed version. */
public final class Commands {
    private static final IVersionProvider VERSION =
            () -> new String[] {"Trusted Launch Operator " + ProductVersion.running()};

    private Commands() {}

    public static CommandLine line(Object command) {
        return line(new CommandLine(command));
    }

    /** @param line with all of its subcommands */
    public static CommandLine line(CommandLine line) {
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler(Commands::refuse);
        setVersion(line);
        return line;
    }

    /** What is wrong, as kubectl says it: the help is named, and not printed over it. */
    private static int refuse(ParameterException wrong, String... args) {
        CommandLine line = wrong.getCommandLine();
        PrintWriter err = line.getErr();
        err.println("error: " + wrong.getMessage());
        UnmatchedArgumentException.printSuggestions(wrong, err);
        err.println("See '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return line.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** Runs a component of the product, and ends the process with its exit code. */
    public static void run(Object component, String[] args) {
        // Not as it comes on standard error: an exception may quote what looks as a line of the audit log.
        Thread.setDefaultUncaughtExceptionHandler((thread, fault) ->
                LoggerFactory.getLogger(Commands.class).error("Thread {} has ended", thread.getName(), fault));
        System.exit(line(component).execute(args));
    }

    private static void setVersion(CommandLine line) {
        line.getCommandSpec().versionProvider(VERSION);
        line.getSubcommands().values().forEach(Commands::setVersion);
    }
}
