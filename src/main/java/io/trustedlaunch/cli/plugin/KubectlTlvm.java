package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.cli.Commands;
import io.trustedlaunch.cli.plugin.catalog.CatalogCommand;
import picocli.CommandLine.Command;

/** The kubectl plugin; {@code bin/kubectl-tlvm} starts it. */
@Command(
        name = "kubectl tlvm",
        description = "Manage trusted launch VMs.",
        mixinStandardHelpOptions = true,
        subcommands = {
            StatusCommand.class,
            RunStrategyCommand.Start.class,
            RunStrategyCommand.Stop.class,
            RestartCommand.class,
            MigrateCommand.class,
            BackupCommand.class,
            ConsoleCommand.class,
            MaintenanceCommand.Cordon.class,
            DrainCommand.class,
            MaintenanceCommand.Uncordon.class,
            FenceCommand.class,
            NodeCommand.class,
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
