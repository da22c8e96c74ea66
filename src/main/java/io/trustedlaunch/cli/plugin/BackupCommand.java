package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.BackupLine;
import io.trustedlaunch.cli.plugin.report.BackupList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands for backups. */
@Command(
        name = "backup",
        description = "Back up VMs, and bring them back.",
        mixinStandardHelpOptions = true,
        subcommands = {
            BackupCommand.Create.class,
            BackupCommand.ListAll.class,
            RunScheduleCommand.class,
            VerifyBackupCommand.class,
            DeleteBackupCommand.class,
            RestoreBackupCommand.class,
            DownloadBackupCommand.class,
            ImportBackupCommand.class,
            BackupLocationCommand.class
        })
final class BackupCommand {
    private BackupCommand() {}

    /** @throws CommandException if there is none */
    static VMBackup require(Resource<VMBackup> resource, String name, String namespace) {
        return Optional.ofNullable(resource.get())
                .orElseThrow(() -> new CommandException("VMBackup " + name + " does not exist in namespace " + namespace
                        + ". To list them: kubectl tlvm backup list -n " + namespace));
    }

    /** {@code kubectl tlvm backup create}. */
    @Command(
            name = "create",
            description =
                    "Back up a running VM: its disks, its TPM and its UEFI variables of one instant. To cancel, delete"
                            + " the VMBackup: kubectl delete vmbackup NAME.")
    static final class Create extends WatchableCommand {
        @Option(
                names = "--location",
                paramLabel = "LOCATION",
                required = true,
                description = "Name of a BackupLocation.")
        private String location;

        @Option(
                names = "--full",
                description =
                        "Read everything. Default: only what has changed since an earlier backup, where that is known.")
        private boolean full;

        @Option(
                names = "--start-within",
                paramLabel = "DURATION",
                description =
                        "How long an attempt may begin, such as 2h: one that fails for a reason that may pass is followed by"
                                + " another. Default: there is one attempt.")
        private String startWithin;

        @Parameters(paramLabel = "VM", description = "Name of the VM.")
        private String vm;

        @Override
        int run(KubernetesClient client) throws InterruptedException {
            String namespace = cluster.getVm(client, vm).getMetadata().getNamespace();
            boolean seen = requireLocation(new Offers(client, namespace));
            VMBackup created = PluginWriter.create(client, backup(namespace));
            Resource<VMBackup> resource = client.resources(VMBackup.class)
                    .inNamespace(namespace)
                    .withName(created.getMetadata().getName());
            if (!seen) {
                FirstVerdict.require(
                        resource,
                        backup -> backup.status().flatMap(status -> ConditionType.Completed.in(status.conditions())),
                        List.of(Reason.BackupLocationNotFound, Reason.NamespaceNotAllowed));
            }
            reportCreated(created);
            out().line(BackupLine.attempts(created));
            return follow(resource, created, BackupLine::progress);
        }

        /** @return false if this user may not see it; then the operator says whether it can be used */
        private boolean requireLocation(Offers offers) {
            try {
                offers.require(BackupLocation.class, location);
                return true;
            } catch (Offers.ForbiddenException e) {
                return false;
            }
        }

        private VMBackup backup(String namespace) {
            VMBackup backup = new VMBackup();
            backup.setMetadata(new ObjectMetaBuilder()
                    .withNamespace(namespace)
                    .withGenerateName(vm + "-")
                    .build());
            backup.setSpec(new VMBackupSpec(
                    new ObjectRef(vm),
                    new ObjectRef(location),
                    full ? BackupMode.Full : BackupMode.Auto,
                    null,
                    startWithin));
            return backup;
        }
    }

    /** {@code kubectl tlvm backup list}. */
    @Command(name = "list", description = "List backups.")
    static final class ListAll extends ClusterCommand {
        @Option(
                names = {"-A", "--all-namespaces"},
                description = "List the backups of all namespaces.")
        private boolean allNamespaces;

        @Override
        int run(KubernetesClient client) {
            var backups = client.resources(VMBackup.class);
            List<VMBackup> found = (allNamespaces
                            ? backups.inAnyNamespace()
                            : backups.inNamespace(cluster.namespace(client)))
                    .list()
                    .getItems();
            out().text(BackupList.table(found, allNamespaces));
            return ExitCode.OK;
        }
    }
}
