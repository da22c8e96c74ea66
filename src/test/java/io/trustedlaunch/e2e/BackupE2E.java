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
import java.nio.file.Files;
import java.nio.file.Path;
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
            assertThat(backups.assertWhole(changes).packs())
                    .extracting(folder -> folder.backup().toString())
                    .as("a guest in its firmware has written nothing")
                    .containsExactly(full.backupUID());
            try (Stream<Path> files = Files.list(stage.folderOf(uid))) {
                assertThat(files)
                        .noneMatch(file -> file.getFileName().toString().startsWith(".backup-"));
            }
            assertVerifiedAndRemoved(stage, backups, full, changes);
        }
    }

    /** Each run on its own VMBackup: the files are gone before the record. What another backup needs stays. */
    private static void assertVerifiedAndRemoved(
            Stage stage, Backups backups, VMBackupStatus full, VMBackupStatus changes) throws IOException {
        remove(stage, "full");
        backups.assertWhole(changes);
        request(stage, "changes", Api.VERIFY_BACKUP, "1");
        assertThat(awaitVerified(stage, "1").getStatus()).isEqualTo("True");
        Backups.alter(backups.folder(), full);
        request(stage, "changes", Api.VERIFY_BACKUP, "2");
        Condition damaged = awaitVerified(stage, "2");
        assertThat(damaged.getStatus()).isEqualTo("False");
        assertThat(damaged.getMessage()).contains(Backups.PACK + " of backup " + full.backupUID());
        remove(stage, "changes");
        assertThat(backups.folder().resolve(full.vmUID())).doesNotExist();
    }

    private static void remove(Stage stage, String name) {
        request(stage, name, Api.REMOVE_BACKUP, "true");
        await(name + " to go")
                .atMost(Stage.TIMEOUT)
                .until(() -> backups(stage).withName(name).get() == null);
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
