package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sets the node's maintenance to Cordon. */
@Command(
        name = "cordon",
        description = "Keep new VMs away from a node; those that run there go on.",
        mixinStandardHelpOptions = true)
public final class CordonCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "NODE")
    private String node;

    @Override
    public void run() {
        try (KubernetesClient client = cluster.client()) {
            PluginWriter.setInSpec(cluster.node(client, node), "maintenance", Maintenance.Cordon);
            spec.commandLine().getOut().println("clusternode/" + node + ": maintenance is Cordon");
        }
    }
}
