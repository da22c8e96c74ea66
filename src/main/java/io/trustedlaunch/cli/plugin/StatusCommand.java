package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.cli.plugin.report.StatusReport;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** Prints a VM's status. */
@Command(
        name = "status",
        description =
                "Show a VM's node, TPM, guest state and conditions. If the VM is waiting, the conditions say why.")
final class StatusCommand extends ClusterCommand {
    @Parameters(paramLabel = "VM", description = "Name of the VM.")
    private String name;

    @Override
    int run(KubernetesClient client) {
        TrustedLaunchVM vm = cluster.getVm(client, name);
        out().text(StatusReport.of(vm, migration(client, vm)));
        return ExitCode.OK;
    }

    private static Optional<VMMigration> migration(KubernetesClient client, TrustedLaunchVM vm) {
        return vm.status()
                .map(TrustedLaunchVMStatus::migration)
                .filter(migration -> migration.outcome() == null)
                .map(Migration::name)
                .map(name -> client.resources(VMMigration.class)
                        .inNamespace(vm.getMetadata().getNamespace())
                        .withName(name)
                        .get());
    }
}
