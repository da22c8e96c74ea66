package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sets the node's maintenance to None. */
@Command(
        name = "uncordon",
        description = "Let a node take VMs again, and move no more away from it.",
        mixinStandardHelpOptions = true)
public final class UncordonCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "NODE")
    private String node;

    @Override
    public void run() {
        try (KubernetesClient client = cluster.client()) {
            PluginWriter.setInSpec(cluster.node(client, node), "maintenance", Maintenance.None);
            spec.commandLine().getOut().println("clusternode/" + node + ": maintenance is None");
        }
    }
}
