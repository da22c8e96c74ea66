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
import io.trustedlaunch.cli.plugin.report.MigrationLine;
import java.net.HttpURLConnection;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Creates a VMMigration. */
@Command(
        name = "migrate",
        description = "Migrate a running VM to another node. To cancel, delete the VMMigration:"
                + " kubectl delete vmmigration NAME.")
final class MigrateCommand extends WatchableCommand {
    @Option(names = "--to", paramLabel = "NODE", description = "Target node. Default: chosen by the operator.")
    private String target;

    @Parameters(paramLabel = "VM", description = "Name of the VM.")
    private String vm;

    @Override
    int run(KubernetesClient client) throws InterruptedException {
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
