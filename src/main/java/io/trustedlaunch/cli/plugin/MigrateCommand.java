package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.terminal.ProgressLine;
import io.trustedlaunch.cli.plugin.report.MigrationLine;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a VMMigration. */
@Command(
        name = "migrate",
        description = "Move a running VM to another node. To cancel: kubectl delete vmmigration NAME.",
        mixinStandardHelpOptions = true)
public final class MigrateCommand implements Callable<Integer> {
    private static final int STAYED = 1;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private WatchOptions watch;

    @Option(names = "--to", paramLabel = "NODE", description = "Default: the operator chooses.")
    private String target;

    @Parameters(paramLabel = "VM")
    private String vm;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (KubernetesClient client = cluster.client()) {
            String namespace = cluster.namespace(client);
            ClusterOptions.require(cluster.vm(client, vm), "TrustedLaunchVM " + namespace + "/" + vm);
            String name = PluginWriter.create(client, migration(namespace))
                    .getMetadata()
                    .getName();
            out.println("vmmigration/" + name + " created");
            return watch.isWanted() ? follow(client, namespace, name, out) : 0;
        }
    }

    private VMMigration migration(String namespace) {
        VMMigration migration = new VMMigration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withGenerateName(vm + "-")
                .build());
        migration.setSpec(new VMMigrationSpec(new ObjectRef(vm), target));
        return migration;
    }

    private int follow(KubernetesClient client, String namespace, String name, PrintWriter out) {
        ProgressLine progress = ProgressLine.onStandardOutput(out);
        VMMigration last = watch.until(
                client.resources(VMMigration.class).inNamespace(namespace).withName(name), "the move", seen -> {
                    if (seen == null) {
                        throw new CommandException("the VMMigration was deleted, which cancels the move");
                    }
                    progress.show(MigrationLine.of(seen), MigrationLine.percent(seen));
                    return seen.getStatus() != null && seen.getStatus().endedAt() != null;
                });
        progress.end(MigrationLine.of(last));
        return last.getStatus().phase() == Phase.Succeeded ? 0 : STAYED;
    }
}
