package io.trustedlaunch.agent.download;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.session.Session;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadStatus;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditEntry;
import io.trustedlaunch.audit.AuditEntryBuilder;
import io.trustedlaunch.audit.AuditedObject;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.custody.RestoreEnvelope;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.UUID;

/**
 * A client that reads a disk of a backup. That the operator wants it is proved by the envelope alone, which is sealed to this node for
 * one VMBackupDownload and one VM.
 *
 * @param object the VMBackupDownload
 * @param requestedBy name of the user who created it
 * @param node this one
 * @param disk see {@link io.trustedlaunch.backup.DiskName}
 * @param envelope base64
 * @param createdAt by the API server's clock
 */
@RecordBuilder
public record DownloadSession(
        AuditedObject object,
        String requestedBy,
        String clientKey,
        String node,
        String disk,
        BackupRef backup,
        BackupRunSpec.Location location,
        String envelope,
        Instant createdAt,
        Instant expiresAt)
        implements Session {

    /** Empty if the status names another node or is incomplete, or the object is being deleted. */
    public static Optional<DownloadSession> of(VMBackupDownload download, String nodeName) {
        VMBackupDownloadStatus status = download.getStatus();
        if (status == null || !nodeName.equals(status.nodeName()) || download.isMarkedForDeletion()) {
            return Optional.empty();
        }
        if (status.location() == null || status.envelope() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(DownloadSessionBuilder.builder()
                    .object(AuditedObject.of(download))
                    .requestedBy(download.getSpec().requestedBy())
                    .clientKey(download.getSpec().clientKeySHA256())
                    .node(nodeName)
                    .disk(download.getSpec().disk())
                    .backup(backup(status))
                    .location(status.location())
                    .envelope(status.envelope())
                    .createdAt(Instant.parse(download.getMetadata().getCreationTimestamp()))
                    .expiresAt(Instant.parse(status.expirationTime()))
                    .build());
        } catch (IllegalArgumentException | NullPointerException | DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static BackupRef backup(VMBackupDownloadStatus status) {
        BackupId id = new BackupId(
                UUID.fromString(status.backupOf()),
                UUID.fromString(status.backup().uid()));
        return new BackupRef(id, status.backup().indexSHA256());
    }

    UUID vm() {
        return backup.id().vm();
    }

    /** Whom its envelope must be for. */
    RestoreEnvelope.Address address() {
        return new RestoreEnvelope.Address(id(), vm(), node);
    }

    AuditEntryBuilder audited(Act act) {
        return AuditEntry.success(act, object)
                .vm(Optional.of(vm().toString()))
                .node(Optional.of(node))
                .requestedBy(Optional.ofNullable(requestedBy))
                .publicKey(Optional.of(clientKey));
    }
}
