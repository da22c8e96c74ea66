package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.BackupLocation;
import io.trustedlaunch.api.BackupLocationSpec;
import io.trustedlaunch.api.BackupMode;
import io.trustedlaunch.api.BackupResult;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.api.VMBackupSpec;
import io.trustedlaunch.api.VMBackupStatus;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.custody.BackupDescriptionKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Backups of a VM that runs, before and after it moves. */
class BackupE2E {
    private static final String GUEST = "guest";

    @Test
    void aVmIsSavedWhereverItRuns() throws IOException {
        try (Stage stage = Stage.open("backup")) {
            Path folder = stage.lab.folder().resolve("shared").resolve("backups-" + stage.nonce);
            Files.createDirectory(folder);
            BackupLocation location = location(stage, folder);
            stage.create(stage.vmInFirmware(GUEST));
            String uid = stage.awaitRunning(GUEST).getMetadata().getUid();

            VMBackupStatus full = backUp(stage, "full");
            stage.awaitShared();
            stage.awaitEnd(stage.migrate(GUEST, "move"));
            VMBackupStatus changes = backUp(stage, "changes");

            assertThat(full.result().type()).isEqualTo(BackupResult.Type.Full);
            assertThat(changes.result().type())
                    .as(changes.result().fullReason())
                    .isEqualTo(BackupResult.Type.Incremental);
            assertThat(changes.nodeName()).isNotEqualTo(full.nodeName());
            assertWhole(stage, folder, uid, changes);
            try (Stream<Path> files = Files.list(stage.folderOf(uid))) {
                assertThat(files)
                        .noneMatch(file -> file.getFileName().toString().startsWith(".backup-"));
            }
            stage.delete(GUEST);
            stage.awaitGone(GUEST, uid);
            stage.client.resource(location).delete();
        }
    }

    private static BackupLocation location(Stage stage, Path folder) {
        BackupLocation location = new BackupLocation();
        location.setMetadata(Stage.meta(stage.location, null));
        location.setSpec(new BackupLocationSpec(
                new BackupLocationSpec.Folder(Stage.SHARED_PATH + "/" + folder.getFileName()), List.of()));
        return stage.create(location);
    }

    private static VMBackupStatus backUp(Stage stage, String name) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(Stage.meta(name, stage.namespace));
        backup.setSpec(new VMBackupSpec(new ObjectRef(GUEST), new ObjectRef(stage.location), BackupMode.Auto));
        stage.create(backup);
        VMBackupStatus ended = await("the end of backup " + name)
                .atMost(Stage.TIMEOUT)
                .until(
                        () -> stage.client
                                .resources(VMBackup.class)
                                .inNamespace(stage.namespace)
                                .withName(name)
                                .get()
                                .getStatus(),
                        status -> status.phase() == VMBackupStatus.Phase.Completed
                                || status.phase() == VMBackupStatus.Phase.Failed);
        assertThat(ended.phase()).as(ended.conditions().toString()).isEqualTo(VMBackupStatus.Phase.Completed);
        return ended;
    }

    private static void assertWhole(Stage stage, Path folder, String uid, VMBackupStatus backup) throws IOException {
        UUID vm = UUID.fromString(uid);
        BackupId id = new BackupId(vm, UUID.fromString(backup.backupUID()));
        try (BackupDescriptionKey key = stage.protectionKey(uid).backupDescriptionKey(vm)) {
            BackupVerification.Report report = new BackupVerification(new FolderStore(folder), bytes -> {})
                    .verify(new BackupRef(id, backup.result().indexSHA256()), key);
            assertThat(report.findings()).isEmpty();
            assertThat(report.backups()).isEqualTo(2);
        }
    }
}
