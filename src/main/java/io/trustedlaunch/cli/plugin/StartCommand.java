package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.cli.CommandException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sets runStrategy so that the VM runs. */
@Command(name = "start", description = "Start a VM.", mixinStandardHelpOptions = true)
public final class StartCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private WatchOptions watch;

    @Option(
            names = "--run-strategy",
            defaultValue = "Always",
            description =
                    "Always, or RerunOnFailure, which leaves a guest off that shuts itself down. Default: ${DEFAULT-VALUE}.")
    private RunStrategy strategy;

    @Parameters(paramLabel = "VM")
    private String vm;

    @Override
    public void run() {
        if (strategy == RunStrategy.Halted) {
            throw new CommandException(
                    "a VM whose runStrategy is Halted does not start; to stop it: kubectl tlvm stop " + vm);
        }
        new RunStrategyPatch(cluster, watch, spec.commandLine().getOut()).apply(vm, strategy);
    }
}
