package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.BackupLine;
import io.trustedlaunch.cli.plugin.report.Progress;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** {@code kubectl tlvm backup delete}. */
@Command(
        name = "delete",
        description =
                "Remove the files of a backup from its location, but for those that other backups need, and then its VMBackup."
                        + " kubectl delete vmbackup removes only the record.")
final class DeleteBackupCommand extends WatchableCommand {
    @Parameters(paramLabel = "BACKUP", description = "Name of the VMBackup.")
    private String name;

    @Override
    int run(KubernetesClient client) {
        String namespace = cluster.namespace(client);
        Resource<VMBackup> resource =
                client.resources(VMBackup.class).inNamespace(namespace).withName(name);
        VMBackup backup = BackupCommand.require(resource, name, namespace);
        if (!backup.hasEnded()) {
            throw new CommandException(
                    reference(backup) + " has not ended; to cancel it: kubectl delete vmbackup " + name);
        }
        requireUnprotected(backup);
        PluginWriter.set(resource, Map.of(Api.REMOVE_BACKUP, "true"), Map.of());
        return isWatching() ? await(resource, reference(backup), DeleteBackupCommand::progress) : ExitCode.OK;
    }

    private static void requireUnprotected(VMBackup backup) {
        if (backup.hasProtection()) {
            throw new CommandException(
                    reference(backup) + " is protected; to take that away: kubectl annotate vmbackup "
                            + backup.getMetadata().getName() + " " + Api.PROTECTED_BACKUP + "-");
        }
    }

    private static Progress progress(Optional<VMBackup> seen) {
        return seen.map(BackupLine::removal)
                .orElseGet(() -> new Progress("removed", OptionalInt.empty(), Progress.State.Done));
    }
}
