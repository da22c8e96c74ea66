package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.Progress;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Annotates the VM with the time of the request. */
@Command(
        name = "restart",
        description = "Shut down a VM's guest and start it again. Changes of the VM's spec take effect.")
final class RestartCommand extends WatchableCommand {
    @Mixin
    private ForceOption force;

    @Parameters(paramLabel = "VM", description = "Name of the VM.")
    private String name;

    @Override
    int run(KubernetesClient client) {
        String now = Clock.systemUTC().instant().toString();
        TrustedLaunchVM before = cluster.getVm(client, name);
        if (before.getSpec().runStrategy() == RunStrategy.Halted) {
            throw new CommandException(
                    reference(before) + " is off (runStrategy: Halted); to start it: kubectl tlvm start " + name);
        }
        Resource<TrustedLaunchVM> vm = cluster.vm(client, name);
        Map<String, String> annotations = new HashMap<>(force.annotations(before));
        annotations.put(Api.RESTARTED_AT, now);
        TrustedLaunchVM changed = set(vm, annotations, Map.of());
        return follow(vm, changed, seen -> {
            Optional<TrustedLaunchVMStatus> status = seen.status();
            Optional<List<Condition>> conditions = status.map(TrustedLaunchVMStatus::conditions);
            boolean restarted =
                    status.filter(known -> now.equals(known.observedRestart())).isPresent();
            boolean running = conditions
                    .flatMap(ConditionType.Running::in)
                    .filter(Progress::isTrue)
                    .isPresent();
            return Progress.of(seen, conditions.flatMap(ConditionType.Ready::in), restarted && running);
        });
    }
}
