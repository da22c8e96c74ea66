package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** Sets a node's {@code spec.maintenance}. */
abstract class MaintenanceCommand extends ClusterCommand {
    private final Maintenance maintenance;

    @Parameters(paramLabel = "NODE", description = "Name of the node.")
    private String node;

    private MaintenanceCommand(Maintenance maintenance) {
        this.maintenance = maintenance;
    }

    @Override
    int run(KubernetesClient client) {
        setInSpec(cluster.node(client, node), "maintenance", maintenance);
        return ExitCode.OK;
    }

    /** {@code kubectl tlvm cordon}. */
    @Command(
            name = "cordon",
            description = "Mark a node as unschedulable: it takes no new VMs. VMs that run on the node stay.")
    static final class Cordon extends MaintenanceCommand {
        Cordon() {
            super(Maintenance.Cordon);
        }
    }

    /** {@code kubectl tlvm uncordon}. */
    @Command(
            name = "uncordon",
            description =
                    "Mark a node as schedulable again. This also ends a drain: VMs that are still on the node stay.")
    static final class Uncordon extends MaintenanceCommand {
        Uncordon() {
            super(Maintenance.None);
        }
    }
}
