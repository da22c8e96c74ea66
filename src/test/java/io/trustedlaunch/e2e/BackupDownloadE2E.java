package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.testkit.Lab.CommandResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Disks of a backup become files of a user's, without a VM. */
@Tag("campaign")
class BackupDownloadE2E {
    private static final String PAYROLL = "payroll";
    private static final long PART = 3 << 20;

    @Test
    void theFilesAreTheDisksThatWereBackedUpAndADamagedOneGivesNone() throws Exception {
        try (Stage stage = Stage.open("download")) {
            stage.create(stage.vm(PAYROLL).dataDisk("ledger", "64Mi"));
            String uid = stage.awaitRunning(PAYROLL).identity();
            stage.awaitBoots(uid, 1);
            String host = stage.get(PAYROLL).getStatus().nodeName();
            BackupRestoreE2E.write(stage, uid, PAYROLL, "first");
            stage.setRunStrategy(PAYROLL, RunStrategy.Halted);
            stage.awaitHalted(PAYROLL);
            Backups backups = Backups.of(stage, PAYROLL);
            var monday = backups.make("monday");
            Path root = stage.lab.folder().resolve("root-" + stage.nonce + ".raw");
            Path ledger = stage.lab.folder().resolve("ledger-" + stage.nonce + ".raw");
            Path part = stage.lab.folder().resolve("part-" + stage.nonce + ".raw");
            try {
                download(stage, root).orFail();
                download(stage, ledger, "--disk", "ledger").orFail();
                assertIsDisk(stage, host, root, uid, "os.qcow2");
                assertIsDisk(stage, host, ledger, uid, "data-ledger.qcow2");

                download(stage, part, "--offset", "" + PART, "--length", "" + PART)
                        .orFail();
                byte[] whole = Files.readAllBytes(root);
                assertThat(part).hasBinaryContent(Arrays.copyOfRange(whole, (int) PART, (int) (2 * PART)));

                assertThat(download(stage, part).exitCode()).as("it is there").isNotZero();
                Files.delete(part);
                assertThat(download(stage, part, "--disk", "other").output()).contains("has no disk data-other");
                Backups.alter(backups.folder(), monday);
                assertThat(download(stage, part).exitCode()).isNotZero();
                assertThat(part).doesNotExist();
                assertThat(Path.of(part + ".part")).doesNotExist();
                assertThat(stage.client
                                .resources(VMBackupDownload.class)
                                .inNamespace(stage.namespace)
                                .list()
                                .getItems())
                        .isEmpty();
            } finally {
                for (Path file : List.of(root, ledger, part)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static CommandResult download(Stage stage, Path file, String... options) {
        List<String> all = new ArrayList<>(
                List.of("tlvm", "backup", "download", "monday", "-n=" + stage.namespace, "--output=" + file));
        all.addAll(List.of(options));
        return stage.lab.kubectl(all.toArray(String[]::new));
    }

    private static void assertIsDisk(Stage stage, String host, Path file, String uid, String disk) {
        stage.lab.exec(
                host,
                "qemu-img",
                "compare",
                "-f",
                "raw",
                "-F",
                "qcow2",
                file.toString(),
                stage.folderOf(uid).resolve(disk).toString());
    }
}
