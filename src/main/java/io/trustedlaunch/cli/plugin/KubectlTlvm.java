package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.cli.CommandExceptionHandler;
import io.trustedlaunch.cli.Commands;
import io.trustedlaunch.cli.plugin.catalog.CatalogCommand;
import picocli.CommandLine.Command;

/** The plugin of kubectl: {@code bin/kubectl-tlvm} starts it. */
@Command(
        name = "kubectl tlvm",
        description = "Trusted launch VMs from the command line.",
        mixinStandardHelpOptions = true,
        subcommands = {
            StatusCommand.class,
            StartCommand.class,
            StopCommand.class,
            RestartCommand.class,
            MigrateCommand.class,
            ConsoleCommand.class,
            CordonCommand.class,
            DrainCommand.class,
            UncordonCommand.class,
            ImagesCommand.class,
            CreateCommand.class,
            CatalogCommand.class,
            RecoverCommand.class
        })
public final class KubectlTlvm {
    public static void main(String[] args) {
        System.exit(Commands.line(new KubectlTlvm())
                .setExecutionExceptionHandler(new CommandExceptionHandler())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }
}
