package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Backups of a VM that runs, before and after it moves. */
class BackupE2E {
    private static final String GUEST = "guest";

    @Test
    void aVmIsSavedWhereverItRuns() throws IOException {
        try (Stage stage = Stage.open("backup")) {
            Backups backups = Backups.of(stage, GUEST);
            stage.create(stage.vmInFirmware(GUEST));
            String uid = stage.awaitRunning(GUEST).getMetadata().getUid();

            VMBackupStatus full = backups.make("full");
            stage.awaitShared();
            stage.awaitEnd(stage.migrate(GUEST, "move"));
            VMBackupStatus changes = backups.make("changes");

            assertThat(full.result().type()).isEqualTo(BackupResult.Type.Full);
            assertThat(changes.result().type())
                    .as(changes.result().fullReason())
                    .isEqualTo(BackupResult.Type.Incremental);
            assertThat(changes.nodeName()).isNotEqualTo(full.nodeName());
            backups.assertWhole(changes, 2);
            try (Stream<Path> files = Files.list(stage.folderOf(uid))) {
                assertThat(files)
                        .noneMatch(file -> file.getFileName().toString().startsWith(".backup-"));
            }
            assertVerifiedAndRemoved(stage, backups.folder().resolve(uid), full);
        }
    }

    /** Each run on its own VMBackup: the files are gone before the record. */
    private static void assertVerifiedAndRemoved(Stage stage, Path ofVm, VMBackupStatus full) throws IOException {
        request(stage, "changes", Api.VERIFY_BACKUP, "1");
        assertThat(awaitVerified(stage, "1").getStatus()).isEqualTo("True");
        Path disk = ofVm.resolve(full.backupUID()).resolve("disk-root.qcow2");
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            int before = file.read();
            file.seek(0);
            file.write(before ^ 1);
        }
        request(stage, "changes", Api.VERIFY_BACKUP, "2");
        Condition damaged = awaitVerified(stage, "2");
        assertThat(damaged.getStatus()).isEqualTo("False");
        assertThat(damaged.getMessage()).contains("disk-root.qcow2", full.backupUID(), "GiB 0");

        request(stage, "full", Api.REMOVE_BACKUP, "true");
        request(stage, "changes", Api.REMOVE_BACKUP, "true");
        for (String name : List.of("changes", "full")) {
            await(name + " to go")
                    .atMost(Stage.TIMEOUT)
                    .until(() -> backups(stage).withName(name).get() == null);
        }
        assertThat(ofVm).doesNotExist();
    }

    private static void request(Stage stage, String name, String annotation, String value) {
        backups(stage).withName(name).edit(backup -> {
            backup.getMetadata().setAnnotations(Map.of(annotation, value));
            return backup;
        });
    }

    private static Condition awaitVerified(Stage stage, String request) {
        VMBackupStatus verified = await("the verification")
                .atMost(Stage.TIMEOUT)
                .until(
                        () -> backups(stage).withName("changes").get().getStatus(),
                        status -> status.verification() != null
                                && request.equals(status.verification().request()));
        return ConditionType.Verified.in(verified.conditions()).orElseThrow();
    }

    private static NonNamespaceOperation<VMBackup, KubernetesResourceList<VMBackup>, Resource<VMBackup>> backups(
            Stage stage) {
        return stage.client.resources(VMBackup.class).inNamespace(stage.namespace);
    }
}
