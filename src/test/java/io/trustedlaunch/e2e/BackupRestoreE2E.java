package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.BackupLocation;
import io.trustedlaunch.api.BackupLocationSpec;
import io.trustedlaunch.api.BackupMode;
import io.trustedlaunch.api.BackupResult;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.api.VMBackupSpec;
import io.trustedlaunch.api.VMBackupStatus;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.folder.FolderStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A VM is saved while it runs; then it, its disks and its key are lost, and it comes back from its backup alone. */
class BackupRestoreE2E {
    private static final String PAYROLL = "payroll";

    @Test
    void aVmComesBackFromItsBackupWithItsTpm(@TempDir Path folder) throws Exception {
        try (Stage stage = Stage.open("backup")) {
            stage.create(stage.vm(PAYROLL));
            TrustedLaunchVM first = stage.awaitRunning(PAYROLL);
            String uid = first.identity();
            stage.awaitBoots(uid, 1);
            FolderStore store = new FolderStore(location(stage));

            write(stage, uid, "first");
            VMBackupStatus full = backUp(stage, "monday");
            write(stage, uid, "second");
            VMBackupStatus changes = backUp(stage, "tuesday");
            write(stage, uid, "third");

            assertThat(full.result().type()).isEqualTo(BackupResult.Type.Full);
            assertThat(changes.result().type())
                    .as("full because: " + changes.result().fullReason())
                    .isEqualTo(BackupResult.Type.Incremental);
            assertThat(changes.result().parentUID()).isEqualTo(full.backupUID());
            assertWhole(store, full);
            assertWhole(store, changes);
            assertThat(stage.client
                            .resources(BackupRun.class)
                            .inAnyNamespace()
                            .list()
                            .getItems())
                    .isEmpty();

            stage.delete(PAYROLL);
            stage.awaitGone(PAYROLL, uid);
            assertThat(stage.folderOf(uid)).doesNotExist();
            restore(stage, uid, changes, folder.resolve("recovered.yaml"));

            TrustedLaunchVM again = stage.awaitRunning(PAYROLL);
            assertThat(again.identity()).isEqualTo(uid);
            assertThat(again.getStatus().vTPM().ekDigest())
                    .isEqualTo(first.getStatus().vTPM().ekDigest());
            stage.awaitBoots(uid, 2);
            assertThat(stage.consoleSince(uid, 2))
                    .as("disk and TPM are of the second backup's instant")
                    .contains("PROOF nv=second", "PROOF note=second")
                    .contains("PROOF ek=000b" + first.getStatus().vTPM().ekDigest());
        }
    }

    /** Every host has it: they are on one machine. */
    private static Path location(Stage stage) throws IOException {
        Path folder = Files.createDirectory(
                stage.lab.folder().resolve("backups-" + stage.namespace),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        BackupLocation location = new BackupLocation();
        location.setMetadata(Stage.meta(stage.namespace, null));
        location.setSpec(new BackupLocationSpec(new BackupLocationSpec.Folder(folder.toString()), List.of()));
        stage.create(location);
        return folder;
    }

    /** To the guest's TPM and its disk. */
    private static void write(Stage stage, String uid, String word) throws IOException {
        try (ConsoleUser user = new ConsoleUser(stage, PAYROLL)) {
            user.awaitScreen("connected to the console on node");
            user.type("nv-overwrite " + word + "\rnote-write " + word + "\r");
            stage.awaitConsole(uid, console -> console.contains("PROOF nv-written=" + word), "nv-written=" + word);
            stage.awaitConsole(uid, console -> console.contains("PROOF note-written=" + word), "note-written=" + word);
        }
    }

    private static VMBackupStatus backUp(Stage stage, String name) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(Stage.meta(name, stage.namespace));
        backup.setSpec(new VMBackupSpec(new ObjectRef(PAYROLL), new ObjectRef(stage.namespace), BackupMode.Auto));
        stage.client.resource(backup).create();
        return await("backup " + name + " to be completed")
                .atMost(Stage.TIMEOUT)
                .until(
                        () -> stage.client.resource(backup).get().getStatus(),
                        status -> status != null && status.completionTime() != null);
    }

    private static void assertWhole(FolderStore store, VMBackupStatus status) throws IOException {
        assertThat(status.phase()).as(status.toString()).isEqualTo(VMBackupStatus.Phase.Completed);
        BackupRef ref = new BackupRef(
                new BackupId(UUID.fromString(status.vmUID()), UUID.fromString(status.backupUID())),
                status.result().indexSHA256());
        assertThat(new BackupVerification(store, bytes -> {}).verify(ref).findings())
                .isEmpty();
    }

    private static void restore(Stage stage, String uid, VMBackupStatus backup, Path manifests) throws IOException {
        stage.lab
                .kubectl(
                        "tlvm",
                        "backup",
                        "restore",
                        "--key=" + stage.lab.folder().resolve("pki/recovery.key"),
                        "--from=" + stage.lab.folder().resolve("backups-" + stage.namespace),
                        "--vm=" + uid,
                        "--backup=" + backup.backupUID(),
                        "--index-sha256=" + backup.result().indexSHA256(),
                        "--to=" + stage.folderOf(uid).getParent(),
                        "--storage-location=" + stage.location,
                        "--node=" + backup.nodeName(),
                        "--namespace=" + stage.namespace,
                        "--output=" + manifests)
                .orFail();
        stage.lab.kubectl("create", "-f", manifests.toString()).orFail();
        Files.delete(manifests);
    }
}
