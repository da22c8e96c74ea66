package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadSpec;
import io.trustedlaunch.api.backup.VMBackupDownloadStatus;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.download.DiskDownload;
import io.trustedlaunch.cli.plugin.download.PartFile;
import io.trustedlaunch.cli.plugin.report.Progress;
import io.trustedlaunch.cli.plugin.session.AgentConnection;
import io.trustedlaunch.cli.plugin.terminal.ProgressLine;
import io.trustedlaunch.custody.SessionKey;
import io.trustedlaunch.download.DownloadRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code kubectl tlvm backup download}: creates a VMBackupDownload with the fingerprint of a new session key, and reads the disk from
 * the agent that its status names.
 */
@Command(
        name = "download",
        description = {
            "Write one disk of a backup into a file, without a VM: the bytes of the disk (raw), with holes where they are zero.",
            "To get a qcow2 file of it: qemu-img convert -f raw -O qcow2 FILE FILE.qcow2. To look at its files without"
                    + " starting it: guestmount --format=raw -a FILE -i --ro FOLDER. Always say that it is raw: the guest could"
                    + " have written there what other formats take for the name of a file of yours.",
            "It takes ClusterRole trusted-launch-backup-download, and your name goes on record. The file has all that is on the"
                    + " disk."
        })
final class DownloadBackupCommand extends ClusterCommand {
    /** What does not come by waiting. */
    private static final List<Reason> REFUSALS = List.of(
            Reason.BackupNotUsable, Reason.BackupLocationNotFound, Reason.NamespaceNotAllowed, Reason.EscrowUnusable);

    @Parameters(
            paramLabel = "BACKUP",
            description = "Name of a completed VMBackup. To list them: kubectl tlvm backup list.")
    private String backup;

    @Option(
            names = "--disk",
            paramLabel = "DISK",
            defaultValue = DiskName.ROOT,
            description = "Name of a data disk, or root for the OS disk; data-root is a data disk that is named root."
                    + " Default: ${DEFAULT-VALUE}.")
    private String disk;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The file to write. Until all is there, it is FILE.part.")
    private Path file;

    @Option(names = "--force", description = "Replace FILE if it exists.")
    private boolean replace;

    @Option(
            names = "--offset",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "Leave out that many bytes at the begin of the disk. Default: ${DEFAULT-VALUE}.")
    private long offset;

    @Option(
            names = "--length",
            paramLabel = "BYTES",
            defaultValue = "-1",
            description = "Write only that many bytes. Default: all up to the end of the disk.")
    private long length;

    @Override
    int run(KubernetesClient client) throws InterruptedException {
        DownloadRequest request = request(offset, length);
        String name = diskName(disk);
        String namespace = cluster.namespace(client);
        VMBackup from = BackupCommand.require(
                client.resources(VMBackup.class).inNamespace(namespace).withName(backup), backup, namespace);
        SessionKey key = SessionKey.generate(InstantSource.system(), new SecureRandom());
        VMBackupDownload wanted = download(from, name, key.fingerprint(), PluginWriter.userName(client));
        try (PartFile to = PartFile.create(file, replace);
                AtEnd removal = new AtEnd(to::abandon)) {
            return run(client, wanted, key, request, to);
        } catch (IOException e) {
            throw new CommandException("cannot write " + file + ": " + e);
        }
    }

    private int run(
            KubernetesClient client, VMBackupDownload wanted, SessionKey key, DownloadRequest request, PartFile to)
            throws IOException, InterruptedException {
        VMBackupDownload created = PluginWriter.create(client, wanted);
        Resource<VMBackupDownload> resource = client.resource(created);
        try (AtEnd deletion = new AtEnd(() -> PluginWriter.delete(resource))) {
            AgentConnection.Target target = awaitOpen(resource);
            ProgressLine line = ProgressLine.onStandardOutput(out());
            String what = "disk " + disk + " of " + backup + " from node " + target.nodeName();
            long bytes = new DiskDownload(
                            created.getMetadata().getUid(),
                            target,
                            key,
                            request,
                            percent -> line.show(new Progress(what, OptionalInt.of(percent), Progress.State.Ongoing)))
                    .into(to);
            line.end(new Progress(
                    what + ": " + bytes + " bytes are in " + file, OptionalInt.empty(), Progress.State.Done));
            return ExitCode.OK;
        }
    }

    /** @throws CommandException if it cannot open */
    private AgentConnection.Target awaitOpen(Resource<VMBackupDownload> resource) {
        try {
            VMBackupDownload seen = resource.waitUntilCondition(this::isDecided, 1, TimeUnit.DAYS);
            VMBackupDownloadStatus status = Optional.ofNullable(seen)
                    .flatMap(VMBackupDownload::status)
                    .orElseThrow(() -> new CommandException("the VMBackupDownload of this session was deleted"));
            if (status.nodeName() == null) {
                throw new CommandException(open(seen).map(Condition::getMessage).orElseThrow());
            }
            return new AgentConnection.Target(status.nodeName(), status.address(), status.port(), status.authority());
        } catch (KubernetesClientTimeoutException e) {
            throw new CommandException("no node serves VMBackup " + backup + " since a day");
        }
    }

    private boolean isDecided(VMBackupDownload seen) {
        if (seen == null) {
            return true;
        }
        Optional<Condition> open = open(seen);
        if (open.filter(Progress::isTrue).isPresent()) {
            return true;
        }
        open.map(Condition::getMessage).ifPresent(err()::line);
        return open.map(Condition::getReason)
                .filter(reason -> REFUSALS.stream().map(Reason::name).anyMatch(reason::equals))
                .isPresent();
    }

    private static Optional<Condition> open(VMBackupDownload seen) {
        return seen.status().flatMap(status -> ConditionType.Open.in(status.conditions()));
    }

    private static DownloadRequest request(long offset, long length) {
        if (offset < 0 || length < DownloadRequest.TO_THE_END || length == 0) {
            throw new CommandException("--offset and --length are numbers of bytes: at least 0, and at least 1");
        }
        return new DownloadRequest(offset, length);
    }

    /** As it is called in backups. */
    static String diskName(String disk) {
        try {
            return disk.equals(DiskName.ROOT) || disk.equals(DiskName.ofData(DiskName.ROOT))
                    ? disk
                    : DiskName.ofData(disk);
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage() + ": name a data disk of the VM, or root");
        }
    }

    static VMBackupDownload download(VMBackup backup, String disk, String fingerprint, String user) {
        VMBackupDownload download = new VMBackupDownload();
        download.setMetadata(new ObjectMetaBuilder()
                .withNamespace(backup.getMetadata().getNamespace())
                .withGenerateName(backup.getMetadata().getName() + "-")
                // If this process is killed, the VMBackupDownload is removed with its VMBackup or when it expires.
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(backup.getApiVersion())
                        .withKind(backup.getKind())
                        .withName(backup.getMetadata().getName())
                        .withUid(backup.getMetadata().getUid())
                        .build())
                .build());
        download.setSpec(
                new VMBackupDownloadSpec(new ObjectRef(backup.getMetadata().getName()), disk, fingerprint, user));
        return download;
    }
}
