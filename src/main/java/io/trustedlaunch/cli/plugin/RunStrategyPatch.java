package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.terminal.ProgressLine;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;

/** Starts or stops a VM the way its manifest does, and shows how it gets there. */
final class RunStrategyPatch {
    private final ClusterOptions cluster;
    private final WatchOptions watch;
    private final PrintWriter out;

    RunStrategyPatch(ClusterOptions cluster, WatchOptions watch, PrintWriter out) {
        this.cluster = cluster;
        this.watch = watch;
        this.out = out;
    }

    void apply(String name, RunStrategy strategy) {
        try (KubernetesClient client = cluster.client()) {
            Resource<TrustedLaunchVM> vm = cluster.vm(client, name);
            ClusterOptions.require(vm, "TrustedLaunchVM " + cluster.namespace(client) + "/" + name);
            TrustedLaunchVM patched = PluginWriter.setInSpec(vm, "runStrategy", strategy);
            out.println("trustedlaunchvm/" + name + ": runStrategy is " + strategy);
            if (watch.isWanted()) {
                follow(vm, patched.getMetadata().getGeneration());
            }
        }
    }

    private void follow(Resource<TrustedLaunchVM> vm, long generation) {
        ProgressLine progress = ProgressLine.onStandardOutput(out);
        TrustedLaunchVM last = watch.until(vm, "it", seen -> {
            if (seen == null) {
                throw new CommandException("the VM was deleted");
            }
            Optional<Condition> ready = ready(seen).filter(condition -> isOf(condition, generation));
            ready.ifPresent(condition -> progress.show(condition.getReason() + ": " + condition.getMessage()));
            return ready.filter(condition -> condition.getStatus().equals("True"))
                    .isPresent();
        });
        progress.end(ready(last).map(Condition::getMessage).orElse(""));
    }

    private static boolean isOf(Condition condition, long generation) {
        return condition.getObservedGeneration() != null && condition.getObservedGeneration() >= generation;
    }

    private static Optional<Condition> ready(TrustedLaunchVM vm) {
        return Optional.ofNullable(vm.getStatus()).map(TrustedLaunchVMStatus::conditions).orElse(List.of()).stream()
                .filter(condition -> condition.getType().equals(ConditionType.Ready.name()))
                .findFirst();
    }
}
