package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.RestoreLine;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kubectl tlvm backup restore}. */
@Command(
        name = "restore",
        description = {
            "Put a VM that is off back to one of its backups: its disks, its TPM and its UEFI variables.",
            "The VM's present files are set aside in its folder, and no start uses them. It takes the verb approve on"
                    + " trustedlaunchvms, and your name goes on record. Afterwards: kubectl tlvm start VM.",
            "A VM that does not exist any more comes back by its manifest, with spec.restoreFrom and spec.approveRestore."
        })
final class RestoreBackupCommand extends WatchableCommand {
    @Parameters(
            paramLabel = "BACKUP",
            description = "Name of a completed VMBackup. To list them: kubectl tlvm backup list.")
    private String backup;

    @Option(
            names = "--disk",
            paramLabel = "DISK",
            description =
                    "Name of a data disk that alone goes back, once or more often. The OS disk, the TPM and the UEFI"
                            + " variables stay as they are.")
    private List<String> disks = List.of();

    @Option(
            names = "--start-at-once",
            description =
                    "The VM can start within seconds, while its disks are filled from the backup, which is needed until they"
                            + " are whole. Not with --disk.")
    private boolean startAtOnce;

    @Override
    int run(KubernetesClient client) {
        if (startAtOnce && !disks.isEmpty()) {
            throw new CommandException("--start-at-once is for the whole VM: leave out --disk, or --start-at-once");
        }
        String namespace = cluster.namespace(client);
        VMBackup from = BackupCommand.require(
                client.resources(VMBackup.class).inNamespace(namespace).withName(backup), backup, namespace);
        String name = from.getSpec().vmRef().name();
        TrustedLaunchVM vm = cluster.getVm(client, name);
        if (vm.getSpec().runStrategy() != RunStrategy.Halted) {
            throw new CommandException(
                    reference(vm) + " is put back while it is off; to shut it down: kubectl tlvm stop " + name + " -n "
                            + namespace + " --wait");
        }
        ApprovedRestore approval =
                new ApprovedRestore(new ObjectRef(backup), disks, startAtOnce, PluginWriter.userName(client));
        if (approval.equals(vm.getSpec().approveRestore())) {
            throw new CommandException("you have approved this before: see kubectl tlvm status " + name + " -n "
                    + namespace + ". To do it once more, remove spec.approveRestore first: kubectl patch tlvm " + name
                    + " -n " + namespace + " --type merge -p '{\"spec\": {\"approveRestore\": null}}'");
        }
        Resource<TrustedLaunchVM> resource = cluster.vm(client, name);
        TrustedLaunchVM changed = PluginWriter.approveRestore(resource, approval);
        String only = disks.isEmpty() ? "" : ", only its data disks " + String.join(", ", disks);
        out().line(reference(changed) + " is being put back to VMBackup " + backup + only);
        return follow(resource, changed, seen -> RestoreLine.progress(seen, approval));
    }
}
