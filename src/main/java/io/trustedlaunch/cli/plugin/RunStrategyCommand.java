package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.Progress;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sets a VM's {@code spec.runStrategy}. */
abstract class RunStrategyCommand extends WatchableCommand {
    @Parameters(paramLabel = "VM", description = "Name of the VM.")
    String name;

    abstract RunStrategy strategy();

    /** Set together with the strategy. */
    Map<String, String> annotations(TrustedLaunchVM vm) {
        return Map.of();
    }

    @Override
    int run(KubernetesClient client) {
        RunStrategy strategy = strategy();
        Resource<TrustedLaunchVM> vm = cluster.vm(client, name);
        TrustedLaunchVM changed =
                set(vm, annotations(cluster.getVm(client, name)), Map.of("runStrategy", strategy.name()));
        long generation = changed.getMetadata().getGeneration();
        return follow(vm, changed, seen -> {
            Optional<Condition> ready = condition(seen, ConditionType.Ready, generation);
            return Progress.of(seen, ready, isDone(seen, generation));
        });
    }

    boolean isDone(TrustedLaunchVM vm, long generation) {
        return condition(vm, ConditionType.Ready, generation)
                .filter(Progress::isTrue)
                .isPresent();
    }

    static Optional<Condition> condition(TrustedLaunchVM vm, ConditionType type, long generation) {
        return Progress.current(
                vm.status().map(TrustedLaunchVMStatus::conditions).flatMap(type::in), generation);
    }

    /** {@code kubectl tlvm start}. */
    @Command(name = "start", description = "Start a VM.")
    static final class Start extends RunStrategyCommand {
        @Option(
                names = "--run-strategy",
                defaultValue = "Always",
                description = "Always: start the guest again whenever it ends. RerunOnFailure: start it again after a"
                        + " failure, but not after it shut itself down. Default: ${DEFAULT-VALUE}.")
        private RunStrategy strategy;

        @Override
        RunStrategy strategy() {
            if (strategy == RunStrategy.Halted) {
                throw new CommandException(
                        "--run-strategy Halted does not start a VM; to stop it: kubectl tlvm stop " + name);
            }
            return strategy;
        }
    }

    /** {@code kubectl tlvm stop}. */
    @Command(
            name = "stop",
            description = "Shut down a VM's guest and keep the VM off. A guest that has not shut down after"
                    + " spec.terminationGracePeriodSeconds is powered off.")
    static final class Stop extends RunStrategyCommand {
        @Mixin
        private ForceOption force;

        @Override
        Map<String, String> annotations(TrustedLaunchVM vm) {
            return force.annotations(vm);
        }

        /** Also one that is off and not ready, because its key is gone. */
        @Override
        boolean isDone(TrustedLaunchVM vm, long generation) {
            return condition(vm, ConditionType.Running, generation)
                    .filter(running -> running.getReason().equals(Reason.Halted.name()))
                    .filter(running -> running.getStatus().equals("False"))
                    .isPresent();
        }

        @Override
        RunStrategy strategy() {
            return RunStrategy.Halted;
        }
    }
}
