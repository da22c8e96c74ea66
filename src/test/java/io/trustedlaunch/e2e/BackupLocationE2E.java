package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec.Folder;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

/** A folder is used once a person has said which store it is, and as long as that store is there. */
class BackupLocationE2E {
    private static final String GUEST = "guest";
    private static final FileAttribute<?> ROOT_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    @Test
    void nothingIsWrittenIntoAFolderWithoutTheMarkerThatAPersonHasHadMade() throws IOException {
        try (Stage stage = Stage.open("location")) {
            Path folder = Files.createDirectory(stage.lab.folder().resolve("unmarked-" + stage.nonce), ROOT_ALONE);
            String name = stage.namespace;
            BackupLocation location = new BackupLocation();
            location.setMetadata(Stage.meta(name, null));
            location.setSpec(BackupLocationSpecBuilder.builder()
                    .folder(new Folder(folder.toString()))
                    .build());
            stage.create(location);
            Backups backups = new Backups(stage, GUEST, name, folder);
            stage.create(stage.vmInFirmware(GUEST));
            String node = stage.awaitRunning(GUEST).getStatus().nodeName();

            VMBackup first = backups.create("first");
            backups.awaitStatus(
                    first,
                    "the reason to wait",
                    status -> ConditionType.Completed.in(status.conditions())
                            .filter(condition ->
                                    condition.getReason().equals(Reason.BackupLocationNotInitialized.name()))
                            .isPresent());
            assertThat(folder).isEmptyDirectory();

            stage.lab
                    .kubectl("tlvm", "backup", "location", "init", name, "--node=" + node, "--yes", "--wait")
                    .orFail();
            assertThat(backups.awaitEnd(first).phase()).isEqualTo(Phase.Completed);

            Path aside = folder.resolveSibling("aside-" + stage.nonce);
            Files.move(folder, aside);
            Files.createDirectory(folder, ROOT_ALONE);
            VMBackup second = backups.create("second", "1h");
            VMBackupStatus tried = backups.awaitStatus(
                    second,
                    "what is missing",
                    status -> status.retry() != null
                            || ConditionType.Completed.in(status.conditions())
                                    .filter(condition -> condition.getReason().equals(Reason.MarkerMissing.name()))
                                    .isPresent());
            assertThat(ConditionType.Completed.in(tried.conditions())
                            .orElseThrow()
                            .getMessage())
                    .contains("no marker");
            assertThat(folder).as("where nothing is mounted").isEmptyDirectory();

            Files.delete(folder);
            Files.move(aside, folder);
            VMBackupStatus made = backups.awaitEnd(second);
            assertThat(made.phase()).as(made.toString()).isEqualTo(Phase.Completed);
            assertThat(made.result().type()).isEqualTo(BackupResult.Type.Incremental);
            backups.assertWhole(made);
        }
    }
}
