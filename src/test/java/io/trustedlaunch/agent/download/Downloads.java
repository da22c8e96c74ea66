package io.trustedlaunch.agent.download;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadSpec;
import io.trustedlaunch.api.backup.VMBackupDownloadStatusBuilder;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.testkit.BackupLocations;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** VMBackupDownloads as the operator has them ready. */
final class Downloads {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final String NODE = "host-b";

    private Downloads() {}

    static VMBackupDownload of(
            String name, String key, BackupRef backup, UnaryOperator<VMBackupDownloadStatusBuilder> change) {
        return of(name, DiskName.ROOT, key, backup, change);
    }

    static VMBackupDownload of(
            String name,
            String disk,
            String key,
            BackupRef backup,
            UnaryOperator<VMBackupDownloadStatusBuilder> change) {
        VMBackupDownload download = new VMBackupDownload();
        download.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName(name)
                .withUid(uid(name))
                .withResourceVersion("1")
                .withCreationTimestamp(NOW.toString())
                .build());
        download.setSpec(new VMBackupDownloadSpec(new ObjectRef("monday"), disk, key, "ada"));
        download.setStatus(change.apply(VMBackupDownloadStatusBuilder.builder()
                        .nodeName(NODE)
                        .backupOf(BackupFixture.VM.toString())
                        .backup(new RecordedBackup(
                                "monday", backup.id().backup().toString(), backup.indexSHA256()))
                        .location(BackupLocations.ref("backups", "/backups"))
                        .envelope("c2VhbGVk")
                        .expirationTime(NOW.plus(Duration.ofHours(24)).toString()))
                .build());
        return download;
    }

    static String uid(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString();
    }
}
