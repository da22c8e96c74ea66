package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.api.RunStrategy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sets runStrategy so that the VM is off. */
@Command(
        name = "stop",
        description = "Shut a VM's guest down, and keep it off. After the grace period its power is cut.",
        mixinStandardHelpOptions = true)
public final class StopCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private WatchOptions watch;

    @Parameters(paramLabel = "VM")
    private String vm;

    @Override
    public void run() {
        new RunStrategyPatch(cluster, watch, spec.commandLine().getOut()).apply(vm, RunStrategy.Halted);
    }
}
