package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.terminal.ProgressLine;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Annotates the VM with the time. */
@Command(
        name = "restart",
        description = "Shut a VM's guest down and start it again; what has changed in its spec takes effect.",
        mixinStandardHelpOptions = true)
public final class RestartCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private WatchOptions watch;

    @Parameters(paramLabel = "VM")
    private String name;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        String now = Clock.systemUTC().instant().toString();
        try (KubernetesClient client = cluster.client()) {
            Resource<TrustedLaunchVM> vm = cluster.vm(client, name);
            ClusterOptions.require(vm, "TrustedLaunchVM " + cluster.namespace(client) + "/" + name);
            PluginWriter.annotate(vm, Api.RESTARTED_AT, now);
            out.println("trustedlaunchvm/" + name + ": " + Api.RESTARTED_AT + " is " + now);
            if (watch.isWanted()) {
                follow(vm, now, out);
            }
        }
    }

    private void follow(Resource<TrustedLaunchVM> vm, String asked, PrintWriter out) {
        ProgressLine progress = ProgressLine.onStandardOutput(out);
        watch.until(vm, "it", seen -> {
            if (seen == null) {
                throw new CommandException("the VM was deleted");
            }
            Optional<TrustedLaunchVMStatus> status = Optional.ofNullable(seen.getStatus());
            status.ifPresent(known -> progress.show(known.phase()));
            return status.filter(known -> asked.equals(known.restartedAt()))
                    .filter(RestartCommand::runs)
                    .isPresent();
        });
        progress.end("Running");
    }

    private static boolean runs(TrustedLaunchVMStatus status) {
        return Optional.ofNullable(status.conditions()).orElse(List.of()).stream()
                .anyMatch(condition -> condition.getType().equals(ConditionType.Running.name())
                        && condition.getStatus().equals("True"));
    }
}
