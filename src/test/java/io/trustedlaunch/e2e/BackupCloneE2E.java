package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A new VM is made of the disks in a backup, beside the VM that the backup is of. */
@Tag("campaign")
class BackupCloneE2E {
    private static final String PAYROLL = "payroll";
    private static final String COPY = "payroll-copy";

    @Test
    void aCopyRunsBesideItsOriginalWithAKeyAndATpmOfItsOwn() throws Exception {
        try (Stage stage = Stage.open("copy")) {
            stage.create(stage.vm(PAYROLL));
            TrustedLaunchVM original = stage.awaitRunning(PAYROLL);
            String uid = original.identity();
            stage.awaitBoots(uid, 1);
            Backups backups = Backups.of(stage, PAYROLL);
            BackupRestoreE2E.write(stage, uid, PAYROLL, "first");
            backups.make("monday");
            BackupRestoreE2E.write(stage, uid, PAYROLL, "second");

            stage.create(stage.vm(COPY).copyOf("monday"));
            TrustedLaunchVM copy = stage.awaitRunning(COPY);
            stage.awaitBoots(copy.identity(), 1);

            assertThat(copy.identity()).isEqualTo(copy.getMetadata().getUid()).isNotEqualTo(uid);
            assertThat(copy.getStatus().vTPM().ekDigest())
                    .isNotEqualTo(original.getStatus().vTPM().ekDigest());
            assertThat(copy.getStatus().epoch()).isEqualTo(1);
            assertThat(copy.getStatus().image()).isEqualTo(original.getStatus().image());
            assertThat(copy.getStatus().networkInterfaces().getFirst().macAddress())
                    .isNotEqualTo(
                            original.getStatus().networkInterfaces().getFirst().macAddress());
            assertThat(stage.console(copy.identity()))
                    .as("its disk is that of the backup, and its TPM is new")
                    .contains("PROOF note=first", "PROOF nv=none")
                    .contains("PROOF ek=000b" + copy.getStatus().vTPM().ekDigest());
            assertThat(stage.client
                            .resources(RestoreRun.class)
                            .inAnyNamespace()
                            .list()
                            .getItems())
                    .isEmpty();

            BackupRestoreE2E.write(stage, copy.identity(), COPY, "third");
            BackupRestoreE2E.write(stage, uid, PAYROLL, "fourth");
            stage.awaitBoots(uid, 1);
            assertThat(stage.get(PAYROLL).getStatus().epoch()).as("undisturbed").isEqualTo(1);

            String folder = copy.identity();
            stage.delete(COPY);
            stage.awaitGone(COPY, folder);
            assertThat(stage.folderOf(folder)).doesNotExist();
            assertThat(stage.folderOf(uid)).exists();
        }
    }
}
