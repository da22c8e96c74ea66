package io.trustedlaunch.operator.download;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.custody.VerifiedCertificate;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.seal.SealedEnvelope;
import io.trustedlaunch.operator.vm.EscrowGatherer;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.RestoreGrants;
import java.security.SecureRandom;
import java.util.UUID;

/** Seals the keys of a VM's backups, and what may be asked of a bucket, to the node of a download. */
public final class DownloadSealer {
    private static final byte[] NO_GRANT = {};

    private final String namespace;
    private final ApiReader reader;
    private final EscrowGatherer escrows;
    private final RestoreGrants buckets;
    private final SecureRandom random;

    /** @param namespace the operator's own, where the keys are */
    public DownloadSealer(
            String namespace, ApiReader reader, EscrowGatherer escrows, RestoreGrants buckets, SecureRandom random) {
        this.namespace = namespace;
        this.reader = reader;
        this.escrows = escrows;
        this.buckets = buckets;
        this.random = random;
    }

    /** @param backup completed, in that location */
    Result<SealedEnvelope> seal(
            VMBackupDownload download, VMBackup backup, BackupLocation location, VerifiedCertificate recipient) {
        return switch (escrows.toRead(backup, key(backup))) {
            case Result.Refused(Problem problem) -> new Result.Refused<>(problem);
            case Result.Value(ProtectionKey key) ->
                switch (grant(download, backup, location)) {
                    case Result.Refused(Problem problem) -> new Result.Refused<>(problem);
                    case Result.Value(byte[] grant) ->
                        new Result.Value<>(SealedEnvelope.ofBackupKeys(
                                key, grant, address(download, backup, recipient.nodeName()), recipient, random));
                };
        };
    }

    private static RestoreEnvelope.Address address(VMBackupDownload download, VMBackup backup, String node) {
        return new RestoreEnvelope.Address(
                download.getMetadata().getUid(),
                UUID.fromString(backup.getStatus().vmUID()),
                node);
    }

    private KeyFacts key(VMBackup backup) {
        return reader.secret(
                        namespace,
                        ProtectionKeySecret.nameFor(backup.getStatus().vmUID()))
                .map(KeyFacts::of)
                .orElseGet(() -> new KeyFacts.Absent(namespace));
    }

    private Result<byte[]> grant(VMBackupDownload download, VMBackup backup, BackupLocation location) {
        if (location.getSpec().s3() == null) {
            return new Result.Value<>(NO_GRANT);
        }
        BackupId id = new BackupId(
                UUID.fromString(backup.getStatus().vmUID()),
                UUID.fromString(backup.getStatus().backupUID()));
        return buckets.toRestore(
                location.getSpec(),
                new BackupRef(id, backup.getStatus().result().indexSHA256()),
                UUID.fromString(download.getMetadata().getUid()));
    }
}
