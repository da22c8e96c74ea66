package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.MigrationLine;
import java.net.HttpURLConnection;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Creates a VMMigration. */
@Command(
        name = "migrate",
        description =
                "Migrate a running VM to another node, or cancel its migrations with --cancel. A guest that has left its"
                        + " node already arrives all the same.")
final class MigrateCommand extends WatchableCommand {
    @Option(names = "--to", paramLabel = "NODE", description = "Target node. Default: chosen by the operator.")
    private String target;

    @Option(
            names = "--cancel",
            description =
                    "Delete the VM's migrations that have not ended. The drain of a node requests another one: stop it with"
                            + " kubectl tlvm uncordon NODE.")
    private boolean cancel;

    @Parameters(paramLabel = "VM", description = "Name of the VM.")
    private String vm;

    @Override
    int run(KubernetesClient client) throws InterruptedException {
        if (cancel) {
            return cancel(client);
        }
        String namespace = cluster.getVm(client, vm).getMetadata().getNamespace();
        boolean seen = target == null || requireTarget(client);
        VMMigration created = PluginWriter.create(client, migration(namespace));
        Resource<VMMigration> resource = client.resources(VMMigration.class)
                .inNamespace(namespace)
                .withName(created.getMetadata().getName());
        if (!seen) {
            FirstVerdict.require(
                    resource,
                    migration -> migration.status().flatMap(status -> ConditionType.Migrated.in(status.conditions())),
                    List.of(Reason.TargetNotFound));
        }
        reportCreated(created);
        return follow(resource, created, MigrationLine::progress);
    }

    private int cancel(KubernetesClient client) {
        if (target != null) {
            throw new CommandException("--cancel and --to exclude each other");
        }
        String namespace = cluster.namespace(client);
        List<VMMigration> open = client.resources(VMMigration.class).inNamespace(namespace).list().getItems().stream()
                .filter(migration -> migration.getSpec().vmRef().name().equals(vm))
                .filter(migration -> migration
                        .status()
                        .map(VMMigrationStatus::completionTime)
                        .isEmpty())
                .toList();
        if (open.isEmpty()) {
            throw new CommandException("no migration of TrustedLaunchVM " + namespace + "/" + vm + " is under way");
        }
        open.forEach(migration -> {
            PluginWriter.delete(client.resource(migration));
            out().line(reference(migration) + " cancelled");
        });
        return ExitCode.OK;
    }

    /** @return false if this user may not see the nodes; then the operator says whether it is one */
    private boolean requireTarget(KubernetesClient client) {
        try {
            cluster.node(client, target);
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
                throw e;
            }
            return false;
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
}
