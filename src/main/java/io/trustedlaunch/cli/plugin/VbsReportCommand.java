package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.cli.plugin.report.VbsReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** Prints what is known of virtualization-based security in a VM. */
@Command(
        name = "vbs-report",
        description =
                "Print what the cluster knows of virtualization-based security in a VM, and a script for the guest, which alone knows"
                        + " whether it runs: together a table for a report on hardware or a Windows that was not tried yet.")
final class VbsReportCommand extends ClusterCommand {
    @Parameters(paramLabel = "VM", description = "Name of the VM.")
    private String name;

    @Override
    int run(KubernetesClient client) {
        TrustedLaunchVM vm = cluster.getVm(client, name);
        out().text(VbsReport.of(
                vm,
                vm.status()
                        .map(TrustedLaunchVMStatus::nodeName)
                        .map(node -> cluster.node(client, node).get())));
        return ExitCode.OK;
    }
}
