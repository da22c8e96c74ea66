package io.trustedlaunch.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.change.DiskChanges;
import io.trustedlaunch.cli.plugin.change.VmChange;
import io.trustedlaunch.cli.plugin.report.DiskList;
import io.trustedlaunch.cli.plugin.terminal.Prompt;
import io.trustedlaunch.cli.plugin.terminal.StandardStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands for the disks of a VM. */
@Command(
        name = "disk",
        description = "Add, grow, remove, list and delete the disks of a VM.",
        mixinStandardHelpOptions = true,
        subcommands = {
            DiskCommand.Add.class,
            DiskCommand.Grow.class,
            DiskCommand.Remove.class,
            DiskCommand.ListAll.class,
            DiskCommand.Delete.class
        })
final class DiskCommand {
    private DiskCommand() {}

    /** {@code kubectl tlvm disk add}. */
    @Command(
            name = "add",
            description =
                    "Add an empty data disk to a VM, or one that was removed from it. A Linux guest that runs is given it at once.")
    static final class Add extends ChangeCommand {
        @Parameters(index = "1", paramLabel = "NAME", description = "Name of the data disk.")
        private String disk;

        @Option(
                names = "--size",
                paramLabel = "SIZE",
                description = "Size of the disk, for example 20Gi. Default with --from-removed: its size.")
        private String size;

        @Option(
                names = "--from-removed",
                paramLabel = "ID",
                description = "ID of a removed disk, which is this one again. To list them: kubectl tlvm disk list VM.")
        private String removed;

        @Override
        VmChange change(KubernetesClient client, TrustedLaunchVM vm) {
            Optional<Quantity> wanted = Optional.ofNullable(size).map(text -> VmOptions.quantity("--size", text));
            DiskChanges changes = new DiskChanges(vm);
            return removed == null ? changes.add(disk, wanted) : changes.addRemoved(disk, removed, wanted);
        }
    }

    /** {@code kubectl tlvm disk grow}. */
    @Command(
            name = "grow",
            description =
                    "Make a disk of a VM larger. A guest that runs sees it at once; then extend partition and file system in"
                            + " the guest.")
    static final class Grow extends ChangeCommand {
        @Parameters(index = "1", paramLabel = "NAME", description = "Name of the data disk, or os for the OS disk.")
        private String disk;

        @Option(
                names = "--size",
                paramLabel = "SIZE",
                required = true,
                description = "New size of the disk, for example 40Gi.")
        private String size;

        @Override
        VmChange change(KubernetesClient client, TrustedLaunchVM vm) {
            return new DiskChanges(vm).grow(disk, VmOptions.quantity("--size", size));
        }
    }

    /** {@code kubectl tlvm disk remove}. */
    @Command(
            name = "remove",
            description =
                    "Take a data disk out of a VM. A Linux guest that runs is asked to let go of it at once. The disk's file is kept, and"
                            + " kubectl tlvm disk add --from-removed brings it back.")
    static final class Remove extends ChangeCommand {
        @Parameters(index = "1", paramLabel = "NAME", description = "Name of the data disk.")
        private String disk;

        @Override
        VmChange change(KubernetesClient client, TrustedLaunchVM vm) {
            return new DiskChanges(vm).remove(disk);
        }
    }

    /** {@code kubectl tlvm disk list}. */
    @Command(
            name = "list",
            description = "List the data disks of a VM, also removed ones, with the last backup that has each.")
    static final class ListAll extends ClusterCommand {
        @Parameters(paramLabel = "VM", description = "Name of the VM.")
        private String name;

        @Override
        int run(KubernetesClient client) {
            TrustedLaunchVM vm = cluster.getVm(client, name);
            out().text(DiskList.table(
                    vm,
                    client.resources(VMBackup.class)
                            .inNamespace(vm.getMetadata().getNamespace())
                            .list()
                            .getItems()));
            return ExitCode.OK;
        }
    }

    /** {@code kubectl tlvm disk delete}. */
    @Command(
            name = "delete",
            description =
                    "Delete the file of a removed disk, for good. It takes effect at the VM's next start. Backups keep what they"
                            + " have of the disk.")
    static final class Delete extends ChangeCommand {
        @Parameters(
                index = "1",
                paramLabel = "ID",
                description = "ID of the removed disk. To list them: kubectl tlvm disk list VM.")
        private String id;

        @Option(
                names = {"-y", "--yes"},
                description = "Do not ask for confirmation.")
        private boolean confirmed;

        private final Reader answers;
        private final boolean canPrompt;

        Delete() {
            this(new InputStreamReader(System.in, UTF_8), StandardStream.canPrompt());
        }

        Delete(Reader answers, boolean canPrompt) {
            this.answers = answers;
            this.canPrompt = canPrompt;
        }

        @Override
        VmChange change(KubernetesClient client, TrustedLaunchVM vm) {
            return new DiskChanges(vm).delete(id);
        }

        @Override
        boolean isConfirmed(VmChange change, TrustedLaunchVM vm) {
            if (confirmed) {
                return true;
            }
            if (!canPrompt) {
                throw new CommandException("--yes is required: there is no terminal to ask for confirmation");
            }
            String question = reference(vm) + ": " + change.text()
                    + ". The next start deletes its file, which does not come back. Delete it? (yes or no)";
            return new Prompt(answers, err()).ask(question).equals("yes");
        }
    }
}
