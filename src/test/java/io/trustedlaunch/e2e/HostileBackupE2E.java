package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.process.Command;
import io.trustedlaunch.testkit.Lab.CommandResult;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is in a folder for backups is replaced by who owns the storage, and a node that had the VM's key makes a backup whose maps
 * lead elsewhere. Agents say what is wrong, and open nothing else.
 */
class HostileBackupE2E {
    private static final String GUEST = "payroll";
    private static final long ENORMOUS = 1L << 40;

    @Test
    void whatIsInThePlaceOfABackupLeadsNowhere(@TempDir Path aside) throws Exception {
        try (Stage stage = Stage.open("hostile-backup")) {
            stage.create(stage.vmInFirmware(GUEST));
            TrustedLaunchVM before = stage.awaitRunning(GUEST);
            Backups backups = Backups.of(stage, GUEST);
            VMBackupStatus full = backups.make("full");
            // Everything anew: the guest writes nothing.
            VMBackupStatus changes = backups.make("changes", BackupMode.Full);
            Path whole = folder(backups, full);
            Path pack = Backups.pack(backups.folder(), changes);
            Path index = folder(backups, changes).resolve(BackupFileName.INDEX);
            try (Lure lure = Lure.at(stage)) {
                Replacements replacements = new Replacements(stage, aside.resolve("original"));
                replacements.refused(pack, at -> Files.createSymbolicLink(at, lure.path()), "is a link");
                replacements.refused(pack, at -> command("mkfifo", at.toString()), "of another kind than a file");
                // The host's watchdog, say; this one is harmless, and has no end.
                replacements.refused(
                        pack, at -> command("mknod", at.toString(), "c", "1", "5"), "of another kind than a file");
                replacements.refused(pack, HostileBackupE2E::truncated, "instead of");
                replacements.refused(pack, at -> Files.copy(whole.resolve(Backups.PACK), at), changes.backupUID());
                replacements.refused(index, HostileBackupE2E::enormous, changes.backupUID());
                replacements.refused(
                        index, at -> Files.copy(whole.resolve(BackupFileName.INDEX), at), changes.backupUID());
                replacements.refused(pack.getParent(), at -> Files.createSymbolicLink(at, whole), changes.backupUID());
                verify(stage, "changes").orFail();

                stage.setRunStrategy(GUEST, RunStrategy.Halted);
                stage.awaitHalted(GUEST);
                refuseForged(backups, "full", whole, disk -> at(disk, UUID.randomUUID(), 0), "contradicts the index");
                refuseForged(
                        backups,
                        "changes",
                        pack.getParent(),
                        disk -> at(disk, disk.map().backup(), 1),
                        "map-");
                lure.assertUntouched();
            }
            backups.restore("full").orFail();
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            assertThat(stage.awaitRunning(GUEST).getStatus().vTPM())
                    .isEqualTo(before.getStatus().vTPM());
        }
    }

    private static Path folder(Backups backups, VMBackupStatus backup) {
        return backups.folder().resolve(backup.vmUID()).resolve(backup.backupUID());
    }

    private static CommandResult verify(Stage stage, String backup) {
        return stage.lab.kubectl("tlvm", "backup", "verify", backup, "-n=" + stage.namespace, "--wait");
    }

    private static void refuseForged(
            Backups backups, String name, Path folder, UnaryOperator<BackupDescription.Disk> disk, String text)
            throws IOException {
        try (ForgedBackup forged = new ForgedBackup(backups.stage(), name, folder, disk)) {
            CommandResult refused = backups.restore(name);
            assertThat(refused.exitCode()).as(refused.toString()).isNotZero();
            assertThat(refused.toString()).contains(text);
        }
    }

    /** Its map is somewhere else. */
    private static BackupDescription.Disk at(BackupDescription.Disk disk, UUID backup, long further) {
        SegmentRef map = disk.map();
        return new BackupDescription.Disk(
                disk.name(),
                disk.virtualBytes(),
                new SegmentRef(backup, map.file(), map.offset() + further, map.bytes()));
    }

    private static void command(String... command) {
        assertThat(Command.of(Duration.ofSeconds(10), command).run().succeeded())
                .isTrue();
    }

    private static void truncated(Path at) throws IOException {
        Files.write(at, new byte[1 << 20]);
    }

    private static void enormous(Path at) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(at.toFile(), "rw")) {
            file.setLength(ENORMOUS);
        }
    }

    /** Makes what is in the place of a file or folder. */
    @FunctionalInterface
    private interface Replacement {
        void makeAt(Path path) throws IOException;
    }

    /** @param aside where the original is meanwhile */
    private record Replacements(Stage stage, Path aside) {
        void refused(Path original, Replacement replacement, String text) throws IOException {
            Files.move(original, aside);
            try {
                replacement.makeAt(original);
                CommandResult refused = verify(stage, "changes");
                assertThat(refused.exitCode()).as(refused.toString()).isNotZero();
                assertThat(refused.toString()).contains(text);
            } finally {
                Files.deleteIfExists(original);
                Files.move(aside, original, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    /** A pipe in a storage location that says whether it was opened: its writer goes on then. */
    private record Lure(Path path, Process writer) implements AutoCloseable {
        static Lure at(Stage stage) throws IOException {
            String name = "lure-" + stage.nonce;
            Path path = stage.lab.folder().resolve("shared").resolve(name);
            command("mkfifo", "-m", "666", path.toString());
            Process writer = new ProcessBuilder("sh", "-c", "exec 3> \"$0\"", path.toString()).start();
            return new Lure(path, writer);
        }

        void assertUntouched() {
            assertThat(writer.isAlive()).as("not opened: " + path).isTrue();
        }

        @Override
        public void close() throws IOException {
            writer.destroyForcibly();
            Files.delete(path);
        }
    }
}
