package io.trustedlaunch.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.backup.s3.account.AccountAccess;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.StoredBackupList;
import io.trustedlaunch.cli.plugin.terminal.Prompt;
import io.trustedlaunch.cli.plugin.terminal.StandardStream;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.recovery.EscrowFile;
import io.trustedlaunch.recovery.ImportedBackup;
import io.trustedlaunch.recovery.RecoverableBackup;
import io.trustedlaunch.web.ServerSecret;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.HttpURLConnection;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kubectl tlvm backup import}: puts backups on record that this cluster has no VMBackups of. */
@Command(
        name = "import",
        description = {
            "List the backups in a BackupLocation, or put those of a VM on record in a namespace, with the VM's key.",
            "For backups of another cluster, or of one that was lost. They are opened with this cluster's backup key, which you"
                    + " must be able to read (Secret " + ClusterBackupKeys.NAME
                    + "), or with the recovery key (--key). A folder"
                    + " is read on this machine, as root; a bucket with its Secret.",
            "Afterwards a VM comes back with spec.restoreFrom and spec.approveRestore. Make sure that the original never runs"
                    + " again: both would be the same machine, with the same TPM."
        })
final class ImportBackupCommand extends ClusterCommand {
    private static final Duration VALIDITY = Duration.ofHours(1);

    @Option(names = "--location", required = true, paramLabel = "LOCATION", description = "Name of a BackupLocation.")
    private String location;

    @Option(
            names = "--from",
            paramLabel = "FOLDER",
            description = "Folder with the location's files, if it is another one on this machine.")
    private Path from;

    @Mixin
    private RecoveryKeyOptions key;

    @Option(
            names = "--vm",
            paramLabel = "UID",
            description =
                    "The VM's identity: import its newest backup. Without it, all backups are listed, and nothing is changed.")
    private UUID vm;

    @Option(names = "--backup", paramLabel = "UID", description = "Import this backup instead of the newest.")
    private UUID backup;

    @Option(
            names = "--unclaimed",
            description =
                    "List only those that no VMBackup of this cluster has on record. To remove them, import them.")
    private boolean unclaimed;

    @Option(names = "--all", description = "Import all backups of the VM.")
    private boolean all;

    @Option(
            names = "--index-sha256",
            paramLabel = "DIGEST",
            description =
                    "SHA-256 of the backup's index, as it was recorded. Without it, the backup may be one that somebody"
                            + " who has the certificate and can write to the location has put there.")
    private String indexSHA256;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask for confirmation.")
    private boolean confirmed;

    @Mixin
    private OperatorNamespace operatorNamespace;

    private final Reader answers;
    private final boolean canPrompt;

    private BackupLocation target;

    ImportBackupCommand() {
        this(new InputStreamReader(System.in, UTF_8), StandardStream.canPrompt());
    }

    ImportBackupCommand(Reader answers, boolean canPrompt) {
        this.answers = answers;
        this.canPrompt = canPrompt;
    }

    @Override
    int run(KubernetesClient client) {
        try {
            target = location(client);
            BackupStore store = store(client);
            EscrowFile escrows = escrows(client);
            return vm == null ? list(client, store, escrows) : put(client, store, escrows);
        } catch (BackupStoreException e) {
            throw new CommandException("BackupLocation " + location + " cannot be read: " + e.getMessage());
        }
    }

    private BackupLocation location(KubernetesClient client) {
        BackupLocation named = Optional.ofNullable(client.resources(BackupLocation.class)
                        .withName(location)
                        .get())
                .orElseThrow(() -> new CommandException(
                        "BackupLocation " + location + " does not exist. To list them: kubectl get backuplocations"));
        if (named.getSpec().id() == null) {
            throw new CommandException("BackupLocation " + location + " does not say which store it means (spec.id): an"
                    + " administrator takes over the one that is there with kubectl tlvm backup location adopt "
                    + location);
        }
        return named;
    }

    /** What is read is what goes on record: only of the store that the location means. */
    private BackupStore store(KubernetesClient client) throws BackupStoreException {
        BackupLocationSpec spec = target.getSpec();
        UUID id = UUID.fromString(spec.id());
        if (from != null) {
            return new FolderStore(from.toAbsolutePath(), id);
        }
        return spec.folder() != null
                ? new FolderStore(Path.of(spec.folder().path()), id)
                : new S3Store(account(client, spec.s3()), id);
    }

    private AccountAccess account(KubernetesClient client, S3 bucket) {
        String name = bucket.secretRef().name();
        try {
            if (new ServerSecret(secret(client, name)).credentials() instanceof PullCredentials.Basic account) {
                return new AccountAccess(bucket, account, VALIDITY, Clock.systemUTC());
            }
            throw new CommandException("Secret " + name + " must have type kubernetes.io/basic-auth");
        } catch (IllegalArgumentException e) {
            throw new CommandException("Secret " + name + ": " + e.getMessage());
        }
    }

    private Secret secret(KubernetesClient client, String name) {
        try {
            return Optional.ofNullable(client.secrets()
                            .inNamespace(operatorNamespace.toString())
                            .withName(name)
                            .get())
                    .orElseThrow(() ->
                            new CommandException("there is no Secret " + name + " in namespace " + operatorNamespace));
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                throw new CommandException("you may not read Secret " + name + " in namespace " + operatorNamespace
                        + (name.equals(ClusterBackupKeys.NAME) ? ": give the recovery key with --key" : ""));
            }
            throw e;
        }
    }

    private EscrowFile escrows(KubernetesClient client) {
        if (key.given()) {
            return EscrowFile.of(key.open());
        }
        try {
            return EscrowFile.of(
                    ClusterBackupKeys.of(secret(client, ClusterBackupKeys.NAME).getData()));
        } catch (IllegalArgumentException e) {
            throw new CommandException("Secret " + ClusterBackupKeys.NAME + " is not usable: " + e.getMessage());
        }
    }

    private int list(KubernetesClient client, BackupStore store, EscrowFile escrows) throws BackupStoreException {
        List<RecoverableBackup> found = new ArrayList<>();
        for (UUID each : store.vms().stream().sorted().toList()) {
            found.addAll(search(store, each, escrows).newestFirst());
        }
        List<VMBackup> known =
                client.resources(VMBackup.class).inAnyNamespace().list().getItems();
        out().text(StoredBackupList.table(unclaimed ? StoredBackupList.unclaimed(found, known) : found, known));
        return ExitCode.OK;
    }

    private RecoverableBackup.Search search(BackupStore store, UUID of, EscrowFile escrows)
            throws BackupStoreException {
        RecoverableBackup.Search search = RecoverableBackup.search(store, of, escrows);
        search.warnings().forEach(warning -> err().line("VM " + of + ": " + warning));
        return search;
    }

    private int put(KubernetesClient client, BackupStore store, EscrowFile escrows) throws BackupStoreException {
        List<RecoverableBackup> found = search(store, vm, escrows).newestFirst();
        RecoverableBackup chosen = choose(found);
        String namespace = cluster.namespace(client);
        RecoveryCertificate certificate = certificate(client);
        out().text(StoredBackupList.facts(chosen, namespace));
        if (!isConfirmed("Put it on record in namespace " + namespace
                + "? Its VMs can then become this VM, whose original must never run again. (yes or no)")) {
            out().line("nothing was changed");
            return ExitCode.SOFTWARE;
        }
        String user = PluginWriter.userName(client);
        for (RecoverableBackup each : all ? found.reversed() : List.of(chosen)) {
            put(client, new ImportedBackup(each, namespace, target), certificate, user);
        }
        out().line("to bring the VM back, create a TrustedLaunchVM in namespace " + namespace
                + " with runStrategy Halted, spec.restoreFrom.retainedVM.uid " + vm
                + " and spec.approveRestore.backupRef.name "
                + new ImportedBackup(chosen, namespace, target).name());
        return ExitCode.OK;
    }

    private RecoverableBackup choose(List<RecoverableBackup> found) {
        RecoverableBackup chosen = found.stream()
                .filter(each -> backup == null || each.ref().id().backup().equals(backup))
                .findFirst()
                .orElseThrow(() -> new CommandException("BackupLocation " + location + " has no "
                        + (backup == null ? "backup" : "backup " + backup) + " of VM " + vm + " that this key opens"));
        if (indexSHA256 != null && !indexSHA256.equals(chosen.ref().indexSHA256())) {
            throw new CommandException("backup " + chosen.ref().id().backup() + " has index "
                    + chosen.ref().indexSHA256() + ", not " + indexSHA256
                    + ": it is another backup, or it was altered");
        }
        return chosen;
    }

    private RecoveryCertificate certificate(KubernetesClient client) {
        return Optional.ofNullable(client.configMaps()
                        .inNamespace(operatorNamespace.toString())
                        .withName(ClusterBackupKeys.NAME)
                        .get())
                .map(ConfigMap::getData)
                .map(data -> data.get(ClusterBackupKeys.CERTIFICATE))
                .map(RecoveryCertificate::fromPem)
                .orElseThrow(() -> new CommandException("there is no ConfigMap " + ClusterBackupKeys.NAME
                        + " in namespace " + operatorNamespace
                        + ": the cluster has no backup key (backupKey.enabled in the"
                        + " chart's values), or its operator has not started yet"));
    }

    private void put(KubernetesClient client, ImportedBackup imported, RecoveryCertificate certificate, String user) {
        VMBackup resource = imported.resource();
        Optional<VMBackup> there = Optional.ofNullable(client.resource(resource).get());
        if (there.filter(each -> !each.wasImported()).isPresent()) {
            throw new CommandException("VMBackup " + imported.name() + " exists in namespace " + imported.namespace()
                    + ", and is another backup: delete it, or use another namespace");
        }
        if (there.filter(VMBackup::hasEnded).isPresent()) {
            out().line(reference(resource) + " is on record already");
            return;
        }
        VMBackup recorded = there.orElseGet(() -> PluginWriter.create(client, resource));
        recorded.setStatus(imported.status(
                certificate, user, Clock.systemUTC().instant().truncatedTo(ChronoUnit.SECONDS), new SecureRandom()));
        PluginWriter.setStatus(client, recorded);
        out().line(reference(recorded) + " imported");
    }

    private boolean isConfirmed(String question) {
        if (confirmed) {
            return true;
        }
        if (!canPrompt) {
            throw new CommandException("standard input is not a terminal: repeat with --yes");
        }
        return new Prompt(answers, err()).ask(question).equals("yes");
    }
}
