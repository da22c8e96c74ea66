package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.BackupLine;
import java.time.Clock;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kubectl tlvm backup verify}. */
@Command(
        name = "verify",
        description = "Have all bytes that a backup needs read and compared by the agent of a node. With"
                + " --wait, the exit code is 1 if something is altered or missing.")
final class VerifyBackupCommand extends WatchableCommand {
    @Parameters(paramLabel = "BACKUP", description = "Name of the VMBackup.")
    private String name;

    @Override
    int run(KubernetesClient client) {
        String namespace = cluster.namespace(client);
        Resource<VMBackup> resource =
                client.resources(VMBackup.class).inNamespace(namespace).withName(name);
        VMBackup backup = BackupCommand.require(resource, name, namespace);
        if (backup.getStatus() == null || backup.getStatus().phase() != VMBackupStatus.Phase.Completed) {
            throw new CommandException(reference(backup) + " is not Completed: there is nothing to verify");
        }
        String now = Clock.systemUTC().instant().toString();
        VMBackup changed = PluginWriter.set(resource, Map.of(Api.VERIFY_BACKUP, now), Map.of());
        return follow(resource, changed, BackupLine::verification);
    }
}
