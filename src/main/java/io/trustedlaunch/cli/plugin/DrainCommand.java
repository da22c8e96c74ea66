package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.terminal.ProgressLine;
import io.trustedlaunch.cli.plugin.report.MigrationLine;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sets the node's maintenance to Drain. */
@Command(
        name = "drain",
        description =
                "Move all VMs away from a node, and keep new ones away. To take it back: kubectl tlvm uncordon NODE.",
        mixinStandardHelpOptions = true)
public final class DrainCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private WatchOptions watch;

    @Parameters(paramLabel = "NODE")
    private String node;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        try (KubernetesClient client = cluster.client()) {
            long generation = PluginWriter.setInSpec(cluster.node(client, node), "maintenance", Maintenance.Drain)
                    .getMetadata()
                    .getGeneration();
            out.println("clusternode/" + node + ": maintenance is Drain");
            if (watch.isWanted()) {
                follow(client, generation, out);
            }
        }
    }

    private void follow(KubernetesClient client, long generation, PrintWriter out) {
        ProgressLine progress = ProgressLine.onStandardOutput(out);
        try (SharedIndexInformer<VMMigration> moves =
                client.resources(VMMigration.class).inAnyNamespace().inform(new Moves(progress))) {
            ClusterNode last = watch.until(cluster.node(client, node), "the drain", seen -> {
                if (seen == null) {
                    throw new CommandException("ClusterNode " + node + " was deleted");
                }
                if (seen.getSpec().maintenance() != Maintenance.Drain) {
                    throw new CommandException("the drain was taken back: maintenance is "
                            + seen.getSpec().maintenance());
                }
                Optional<Condition> drained = drained(seen, generation);
                drained.ifPresent(condition -> progress.show(node + ": " + condition.getMessage()));
                return drained.filter(condition -> condition.getStatus().equals("True"))
                        .isPresent();
            });
            progress.end(node + ": "
                    + drained(last, generation).map(Condition::getMessage).orElse("drained"));
        }
    }

    private static Optional<Condition> drained(ClusterNode node, long generation) {
        return Optional.ofNullable(node.getStatus()).map(ClusterNodeStatus::conditions).orElse(List.of()).stream()
                .filter(condition -> condition.getType().equals(ConditionType.Drained.name()))
                .filter(condition ->
                        condition.getObservedGeneration() != null && condition.getObservedGeneration() >= generation)
                .findFirst();
    }

    /** The single moves, between the lines of the node's own. */
    private final class Moves implements ResourceEventHandler<VMMigration> {
        private final ProgressLine progress;

        Moves(ProgressLine progress) {
            this.progress = progress;
        }

        @Override
        public void onAdd(VMMigration move) {
            show(move);
        }

        @Override
        public void onUpdate(VMMigration before, VMMigration move) {
            show(move);
        }

        @Override
        public void onDelete(VMMigration move, boolean finalStateUnknown) {}

        private void show(VMMigration move) {
            boolean ours =
                    move.getStatus() != null && node.equals(move.getStatus().sourceNode());
            if (ours && move.getStatus().endedAt() == null) {
                progress.show(MigrationLine.of(move), MigrationLine.percent(move));
            }
        }
    }
}
