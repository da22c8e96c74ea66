package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.Quiesce;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Lab.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The backups of one VM, in a location of their own.
 *
 * @param folder that every host has, since all are on one machine
 */
record Backups(Stage stage, String vm, String location, Path folder) {
    static final String PACK = BackupFileName.dataPack(0);

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

    /** @param bandwidth of each run in a second */
    void limit(String bandwidth) {
        stage.client.resources(BackupLocation.class).withName(location).edit(slow -> {
            slow.setSpec(BackupLocationSpecBuilder.builder(slow.getSpec())
                    .limits(new BackupLocationSpec.Limits(Quantity.parse(bandwidth), null))
                    .build());
            return slow;
        });
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
        return awaitStatus(backup, "the end", status -> status.completionTime() != null);
    }

    VMBackupStatus awaitStatus(VMBackup backup, String what, Predicate<VMBackupStatus> reached) {
        return await(what + " of backup " + backup.getMetadata().getName())
                .atMost(Stage.TIMEOUT)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> stage.client.resource(backup).get().getStatus(),
                        status -> status != null && reached.test(status));
    }

    /** Returns at once. */
    VMBackup create(String name) {
        return create(name, BackupMode.Auto, Quiesce.BestEffort);
    }

    /** Tried again within the time; returns at once. */
    VMBackup create(String name, String startWithin) {
        return create(name, BackupMode.Auto, Quiesce.BestEffort, startWithin);
    }

    private VMBackup create(String name, BackupMode mode, Quiesce quiesce) {
        return create(name, mode, quiesce, null);
    }

    private VMBackup create(String name, BackupMode mode, Quiesce quiesce, String startWithin) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(Stage.meta(name, stage.namespace));
        backup.setSpec(new VMBackupSpec(new ObjectRef(vm), new ObjectRef(location), mode, quiesce, startWithin));
        return stage.create(backup);
    }

    /** Returns its index. */
    BackupIndex assertWhole(VMBackupStatus backup) throws IOException {
        return assertWhole(folder, stage.protectionKey(stage.uid(vm)), backup);
    }

    /**
     * All that it needs is there as it was written, and its description opens.
     *
     * @param root of the location, or of the files of a bucket, which are as they would be in a folder
     */
    static BackupIndex assertWhole(Path root, ProtectionKey key, VMBackupStatus backup) throws IOException {
        UUID vm = UUID.fromString(backup.vmUID());
        BackupRef ref = new BackupRef(
                new BackupId(vm, UUID.fromString(backup.backupUID())),
                backup.result().indexSHA256());
        FolderStore store = new FolderStore(root, UUID.fromString(backup.locationID()));
        assertThat(new BackupVerification(store, bytes -> {}).verify(ref).findings())
                .isEmpty();
        try (BackupDescriptionKey description = key.backupDescriptionKey(vm)) {
            return ((OpenedBackup.Opening.Opened) OpenedBackup.open(store, ref, description))
                    .backup()
                    .index();
        }
    }

    /** A pack that the backup has written. */
    static Path pack(Path root, VMBackupStatus backup) {
        return root.resolve(backup.vmUID()).resolve(backup.backupUID()).resolve(PACK);
    }

    /** In the middle of a pack. */
    static void alter(Path root, VMBackupStatus backup) throws IOException {
        Path pack = pack(root, backup);
        byte[] bytes = Files.readAllBytes(pack);
        bytes[bytes.length / 2] ^= 1;
        Files.write(pack, bytes);
    }

    /**
     * Puts the VM, which is off, back to the backup.
     *
     * @param disks data disks that alone go back; all and its guest state if there are none
     */
    CommandResult restore(String name, String... disks) {
        List<String> command =
                new ArrayList<>(List.of("tlvm", "backup", "restore", name, "-n=" + stage.namespace, "--wait"));
        List.of(disks).forEach(disk -> command.add("--disk=" + disk));
        return stage.lab.kubectl(command.toArray(String[]::new));
    }

    /** The same; its disks are filled while it runs. */
    CommandResult restoreAtOnce(String name) {
        return stage.lab.kubectl(
                "tlvm", "backup", "restore", name, "-n=" + stage.namespace, "--start-at-once", "--wait");
    }
}
