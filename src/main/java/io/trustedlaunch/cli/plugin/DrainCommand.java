package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.MigrationLine;
import io.trustedlaunch.cli.plugin.report.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** Sets a node's {@code spec.maintenance} to Drain. */
@Command(
        name = "drain",
        description = "Mark a node as unschedulable and move all its VMs to other nodes. To end the drain:"
                + " kubectl tlvm uncordon NODE.")
final class DrainCommand extends WatchableCommand {
    @Parameters(paramLabel = "NODE", description = "Name of the node.")
    private String name;

    @Override
    int run(KubernetesClient client) {
        Resource<ClusterNode> node = cluster.node(client, name);
        ClusterNode changed = setInSpec(node, "maintenance", Maintenance.Drain);
        if (!isWatching()) {
            return ExitCode.OK;
        }
        try (SharedIndexInformer<VMMigration> migrations =
                client.resources(VMMigration.class).inAnyNamespace().inform(new MigrationsFromNode())) {
            return follow(
                    node, changed, seen -> progress(seen, changed.getMetadata().getGeneration()));
        }
    }

    private static Progress progress(ClusterNode node, long generation) {
        if (node.getSpec().maintenance() != Maintenance.Drain) {
            throw new CommandException(reference(node) + ": the drain was cancelled: maintenance was set to "
                    + node.getSpec().maintenance());
        }
        return Progress.of(
                node, node.status().map(ClusterNodeStatus::conditions).flatMap(ConditionType.Drained::in), generation);
    }

    /** Shows the migrations away from the node, between the lines about the node itself. */
    private final class MigrationsFromNode implements ResourceEventHandler<VMMigration> {
        @Override
        public void onAdd(VMMigration migration) {
            showIfRunning(migration);
        }

        @Override
        public void onUpdate(VMMigration before, VMMigration migration) {
            showIfRunning(migration);
        }

        @Override
        public void onDelete(VMMigration migration, boolean finalStateUnknown) {}

        private void showIfRunning(VMMigration migration) {
            Progress progress = MigrationLine.progress(migration);
            boolean fromNode = migration.getStatus() != null
                    && name.equals(migration.getStatus().sourceNode());
            if (fromNode && progress.state() == Progress.State.Ongoing) {
                show(progress);
            }
        }
    }
}
