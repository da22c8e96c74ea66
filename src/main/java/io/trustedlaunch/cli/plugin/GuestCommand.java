package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.cli.plugin.report.GuestReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** Prints what a VM's guest says of itself. */
@Command(
        name = "guest",
        description =
                "Show what the guest of a VM says of itself through its guest agent: operating system, host name, time zone and file"
                        + " systems. It is the guest's own word, which nothing verifies.")
final class GuestCommand extends ClusterCommand {
    @Parameters(paramLabel = "VM", description = "Name of the VM.")
    private String name;

    @Override
    int run(KubernetesClient client) {
        out().text(GuestReport.of(cluster.getVm(client, name)));
        return ExitCode.OK;
    }
}
