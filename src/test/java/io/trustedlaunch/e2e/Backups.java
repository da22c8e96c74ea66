package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.Quiesce;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Lab.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/**
 * The backups of one VM, in a location of their own.
 *
 * @param folder that every host has, since all are on one machine
 */
record Backups(Stage stage, String vm, String location, Path folder) {
    static Backups of(Stage stage, String vm) throws IOException {
        return of(stage, vm, stage.namespace);
    }

    /** @param name of the location */
    static Backups of(Stage stage, String vm, String name) throws IOException {
        Path folder = Files.createDirectory(
                stage.lab.folder().resolve("backups-" + name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        BackupLocation location = new BackupLocation();
        location.setMetadata(Stage.meta(name, null));
        location.setSpec(BackupLocations.folder(BackupLocations.mark(folder).toString(), List.of()));
        stage.create(location);
        return new Backups(stage, vm, name, folder);
    }

    /** Returns once it is completed. */
    VMBackupStatus make(String name) {
        return make(name, BackupMode.Auto);
    }

    VMBackupStatus make(String name, BackupMode mode) {
        return make(name, mode, Quiesce.BestEffort);
    }

    VMBackupStatus make(String name, BackupMode mode, Quiesce quiesce) {
        VMBackupStatus ended = awaitEnd(create(name, mode, quiesce));
        assertThat(ended.phase()).as(ended.toString()).isEqualTo(VMBackupStatus.Phase.Completed);
        return ended;
    }

    /** However it ends. */
    VMBackupStatus awaitEnd(VMBackup backup) {
        return await("the end of backup " + backup.getMetadata().getName())
                .atMost(Stage.TIMEOUT)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> stage.client.resource(backup).get().getStatus(),
                        status -> status != null && status.completionTime() != null);
    }

    /** Returns at once. */
    VMBackup create(String name) {
        return create(name, BackupMode.Auto, Quiesce.BestEffort);
    }

    private VMBackup create(String name, BackupMode mode, Quiesce quiesce) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(Stage.meta(name, stage.namespace));
        backup.setSpec(new VMBackupSpec(new ObjectRef(vm), new ObjectRef(location), mode, quiesce));
        return stage.create(backup);
    }

    /** Puts the VM, which is off, back to the backup. */
    CommandResult restore(String name) {
        return stage.lab.kubectl("tlvm", "backup", "restore", name, "-n=" + stage.namespace, "--wait");
    }
}
