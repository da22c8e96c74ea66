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
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.download.DiskDownload;
import io.trustedlaunch.cli.plugin.download.DiskFile;
import io.trustedlaunch.cli.plugin.report.Progress;
import io.trustedlaunch.cli.plugin.session.AgentConnection;
import io.trustedlaunch.cli.plugin.terminal.ProgressLine;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import io.trustedlaunch.custody.SessionKey;
import io.trustedlaunch.download.DownloadRequest;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * A disk of a backup that is read through a node: creates a VMBackupDownload with the fingerprint of a new session key, and deletes it
 * at the end.
 *
 * @param disk as it is called in backups
 * @param line gets how far it is
 * @param err gets why it waits
 */
record RequestedDownload(VMBackup backup, String disk, ProgressLine line, TextOutput err) {
    /** What does not come by waiting. */
    private static final List<Reason> REFUSALS = List.of(
            Reason.BackupNotUsable, Reason.BackupLocationNotFound, Reason.NamespaceNotAllowed, Reason.EscrowUnusable);

    /**
     * Publishes the file once all is in it.
     *
     * @param what the disk, as the user named it
     * @return what was received, and what to call it; the line has not ended
     * @throws CommandException if it cannot be had
     */
    Received into(DiskFile file, KubernetesClient client, DownloadRequest request, String what)
            throws IOException, InterruptedException {
        SessionKey key = SessionKey.generate(InstantSource.system(), new SecureRandom());
        VMBackupDownload created =
                PluginWriter.create(client, download(backup, disk, key.fingerprint(), PluginWriter.userName(client)));
        Resource<VMBackupDownload> resource = client.resource(created);
        try (AtEnd deletion = new AtEnd(() -> PluginWriter.delete(resource))) {
            AgentConnection.Target target = awaitOpen(resource);
            String from = what + " of " + name() + " from node " + target.nodeName();
            long bytes = new DiskDownload(
                            created.getMetadata().getUid(),
                            target,
                            key,
                            request,
                            percent -> line.show(new Progress(from, OptionalInt.of(percent), Progress.State.Ongoing)))
                    .into(file);
            return new Received(from, bytes);
        }
    }

    /** A disk, or a part of it, and where it came from. */
    record Received(String what, long bytes) {}

    private String name() {
        return backup.getMetadata().getName();
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
            throw new CommandException("no node serves VMBackup " + name() + " since a day");
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
        open.map(Condition::getMessage).ifPresent(err::line);
        return open.map(Condition::getReason)
                .filter(reason -> REFUSALS.stream().map(Reason::name).anyMatch(reason::equals))
                .isPresent();
    }

    private static Optional<Condition> open(VMBackupDownload seen) {
        return seen.status().flatMap(status -> ConditionType.Open.in(status.conditions()));
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
