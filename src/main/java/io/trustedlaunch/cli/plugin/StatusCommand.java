package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.cli.plugin.report.StatusReport;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** All that is on record of a VM, for people. */
@Command(
        name = "status",
        description = "Show where a VM is, what its TPM and guest state are, and what it waits for.",
        mixinStandardHelpOptions = true)
public final class StatusCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "VM")
    private String vm;

    @Override
    public void run() {
        try (KubernetesClient client = cluster.client()) {
            TrustedLaunchVM found = ClusterOptions.require(
                    cluster.vm(client, vm), "TrustedLaunchVM " + cluster.namespace(client) + "/" + vm);
            spec.commandLine().getOut().print(StatusReport.of(found, move(client, found)));
            spec.commandLine().getOut().flush();
        }
    }

    private static Optional<VMMigration> move(KubernetesClient client, TrustedLaunchVM vm) {
        return Optional.ofNullable(vm.getStatus())
                .map(TrustedLaunchVMStatus::migration)
                .filter(migration -> migration.outcome() == null)
                .map(Migration::name)
                .map(name -> client.resources(VMMigration.class)
                        .inNamespace(vm.getMetadata().getNamespace())
                        .withName(name)
                        .get());
    }
}
