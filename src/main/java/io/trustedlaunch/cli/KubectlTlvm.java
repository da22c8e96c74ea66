package io.trustedlaunch.cli;

import io.trustedlaunch.cli.plugin.CatalogCommand;
import io.trustedlaunch.cli.plugin.ConsoleCommand;
import io.trustedlaunch.cli.plugin.CordonCommand;
import io.trustedlaunch.cli.plugin.CreateCommand;
import io.trustedlaunch.cli.plugin.DrainCommand;
import io.trustedlaunch.cli.plugin.ImagesCommand;
import io.trustedlaunch.cli.plugin.MigrateCommand;
import io.trustedlaunch.cli.plugin.PluginFailures;
import io.trustedlaunch.cli.plugin.RestartCommand;
import io.trustedlaunch.cli.plugin.StartCommand;
import io.trustedlaunch.cli.plugin.StatusCommand;
import io.trustedlaunch.cli.plugin.StopCommand;
import io.trustedlaunch.cli.plugin.UncordonCommand;
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
                .setExecutionExceptionHandler(new PluginFailures())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }
}
