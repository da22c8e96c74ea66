package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.BackupResult;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMBackupStatus;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.folder.FolderStore;
import java.io.IOException;
import java.nio.file.Path;
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
            Backups backups = Backups.of(stage, PAYROLL);
            FolderStore store = new FolderStore(backups.folder());

            write(stage, uid, "first");
            VMBackupStatus full = backups.make("monday");
            write(stage, uid, "second");
            VMBackupStatus changes = backups.make("tuesday");
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
            backups.restore(uid, changes, folder.resolve("recovered.yaml"));

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

    /** To the guest's TPM and its disk. */
    private static void write(Stage stage, String uid, String word) throws IOException {
        try (ConsoleUser user = new ConsoleUser(stage, PAYROLL)) {
            user.awaitScreen("connected to the console on node");
            user.type("nv-overwrite " + word + "\rnote-write " + word + "\r");
            stage.awaitConsole(uid, console -> console.contains("PROOF nv-written=" + word), "nv-written=" + word);
            stage.awaitConsole(uid, console -> console.contains("PROOF note-written=" + word), "note-written=" + word);
        }
    }

    private static void assertWhole(FolderStore store, VMBackupStatus status) throws IOException {
        assertThat(status.phase()).as(status.toString()).isEqualTo(VMBackupStatus.Phase.Completed);
        BackupRef ref = new BackupRef(
                new BackupId(UUID.fromString(status.vmUID()), UUID.fromString(status.backupUID())),
                status.result().indexSHA256());
        assertThat(new BackupVerification(store, bytes -> {}).verify(ref).findings())
                .isEmpty();
    }
}
