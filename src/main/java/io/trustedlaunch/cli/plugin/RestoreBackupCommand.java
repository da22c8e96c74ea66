package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.agent.backup.BackupDisks;
import io.trustedlaunch.agent.backup.BackupRestore;
import io.trustedlaunch.agent.backup.DiskCopyException;
import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.custody.RecoveryKey;
import io.trustedlaunch.recovery.EscrowFile;
import io.trustedlaunch.recovery.RecoverableBackup;
import io.trustedlaunch.recovery.RecoveredManifests;
import io.trustedlaunch.recovery.VmRecovery;
import io.trustedlaunch.recovery.VmRecovery.Outcome;
import io.trustedlaunch.recovery.VmRecovery.RestoredTo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Brings a VM back from a backup in a folder, with the recovery key alone. Needs no cluster. */
@Command(
        name = "restore",
        description = {
            "Make a VM's folder from a backup, and write the manifests that bring the VM back, with its TPM.",
            "For a cluster that does not know the VM, for example a new one. It needs the private key of the recovery"
                    + " certificate, and no cluster. Run it as root on a node that has the storage location: as much room"
                    + " as the backup has is needed there twice.",
            "Make sure that the original VM never runs again: both would be the same machine, with the same TPM."
        },
        mixinStandardHelpOptions = true)
final class RestoreBackupCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofHours(12);

    @Spec
    private CommandSpec spec;

    @Mixin
    private RecoveryKeyOptions key;

    @Mixin
    private ManifestOutput output;

    @Option(names = "--from", required = true, paramLabel = "FOLDER", description = "Folder of the BackupLocation.")
    private Path from;

    @Option(
            names = "--vm",
            required = true,
            paramLabel = "UID",
            description = "The VM's identity: the name of its folder there.")
    private UUID vm;

    @Option(
            names = "--backup",
            paramLabel = "UID",
            description = "The backup: the name of its folder. Default: the newest one that can be used.")
    private UUID backup;

    @Option(
            names = "--index-sha256",
            paramLabel = "DIGEST",
            description =
                    "SHA-256 of the backup's index, as it was recorded (status.result.indexSHA256 of the VMBackup)."
                            + " Without it, whoever has the recovery certificate and can write to the folder may have put the"
                            + " backup there.")
    private String indexSHA256;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "FOLDER",
            description = "Folder of the StorageLocation on this node.")
    private Path to;

    @Option(
            names = "--storage-location",
            defaultValue = "default",
            paramLabel = "NAME",
            description = "Name of that StorageLocation. Default: ${DEFAULT-VALUE}.")
    private String storageLocation;

    @Option(names = "--node", required = true, paramLabel = "NAME", description = "Name of this node in the cluster.")
    private String node;

    @Option(
            names = "--namespace",
            required = true,
            paramLabel = "NAME",
            description =
                    "Namespace that the VM was in. A backup of a VM of another namespace is refused, since it does not"
                            + " prove its namespace.")
    private String namespace;

    @Option(
            names = "--operator-namespace",
            defaultValue = "trusted-launch-system",
            paramLabel = "NAME",
            description = "Namespace of the operator in the cluster. Default: ${DEFAULT-VALUE}.")
    private String operatorNamespace;

    @Override
    public Integer call() {
        output.requireNew();
        RecoveryKey opened = key.open();
        try {
            BackupStore store = new FolderStore(from.toAbsolutePath());
            RecoverableBackup chosen = choose(store, opened);
            restore(store, chosen);
            return write(opened);
        } catch (IOException | UncheckedIOException | DiskCopyException e) {
            throw new CommandException("the backup was not restored: " + e.getMessage());
        }
    }

    private RecoverableBackup choose(BackupStore store, RecoveryKey opened) throws IOException {
        RecoverableBackup.Search search = RecoverableBackup.search(store, vm, EscrowFile.of(opened));
        search.warnings().forEach(this::print);
        RecoverableBackup chosen = search.newestFirst().stream()
                .filter(found -> backup == null || found.ref().id().backup().equals(backup))
                .findFirst()
                .orElseThrow(() -> new CommandException(from + " has no "
                        + (backup == null ? "backup" : "backup " + backup) + " of VM " + vm + " that this key opens"));
        if (indexSHA256 != null && !indexSHA256.equals(chosen.ref().indexSHA256())) {
            throw new CommandException("backup " + chosen.ref().id().backup() + " has index "
                    + chosen.ref().indexSHA256() + ", not " + indexSHA256
                    + ": it is another backup, or it was altered");
        }
        String was = chosen.escrow().record().namespace();
        if (!was.equals(namespace)) {
            throw new CommandException("backup " + chosen.ref().id().backup() + " is of a VM of namespace " + was
                    + ": if that is the one you want, repeat with --namespace " + was);
        }
        return chosen;
    }

    private void restore(BackupStore store, RecoverableBackup chosen) throws IOException {
        print("restoring VM " + namespace + "/" + chosen.escrow().record().name() + " as it was at "
                + chosen.description().time() + ", guest state "
                + chosen.description().guestState());
        HypervisorAccount account = HypervisorAccount.named(Optional.empty(), Optional.empty());
        BackupRestore restore =
                new BackupRestore(store, account, new BackupDisks(new ConfinedTools(account), LIMIT), bytes -> {});
        if (restore.restore(chosen, folder()) instanceof BackupRestore.Result.Refused(String message)) {
            throw new CommandException("the backup was not restored: " + message);
        }
    }

    private VmFolder folder() {
        return new VmFolder(to.toAbsolutePath(), vm);
    }

    private int write(RecoveryKey opened) {
        Outcome outcome = VmRecovery.ofBackup(
                vm,
                new DiskHomeFiles(folder().path()),
                opened,
                operatorNamespace,
                new RestoredTo(storageLocation, node));
        return switch (outcome) {
            case Outcome.Failed(String message) ->
                throw new CommandException(folder().path() + " was made, but the VM cannot be recovered: " + message);
            case Outcome.Recovered recovered -> {
                recovered.warnings().forEach(this::print);
                print(folder().path() + ": endorsement key " + recovered.ekDigest());
                yield output.write(RecoveredManifests.of(List.of(recovered))) ? ExitCode.OK : ExitCode.SOFTWARE;
            }
        };
    }

    private void print(String message) {
        spec.commandLine().getErr().println(RecoveredManifests.printable(message));
    }
}
