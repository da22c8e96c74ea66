package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.cli.plugin.report.MigrationLine;
import java.net.HttpURLConnection;
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
    int run(KubernetesClient client) {
        String namespace = cluster.getVm(client, vm).getMetadata().getNamespace();
        if (target != null) {
            requireTarget(client);
        }
        VMMigration created = create(client, migration(namespace));
        return follow(
                client.resources(VMMigration.class)
                        .inNamespace(namespace)
                        .withName(created.getMetadata().getName()),
                created,
                MigrationLine::progress);
    }

    private void requireTarget(KubernetesClient client) {
        try {
            cluster.node(client, target);
        } catch (KubernetesClientException e) {
            // A user of one namespace may not see the nodes; then the migration says what is the matter.
            if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
                throw e;
            }
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
