package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.process.Command;
import io.trustedlaunch.testkit.Lab.CommandResult;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is in a folder for backups is replaced by who owns the storage, and a node that had the VM's key makes a backup that
 * leads QEMU elsewhere. Agents say what is wrong, and open nothing else.
 */
class HostileBackupE2E {
    private static final String GUEST = "payroll";
    private static final long ENORMOUS = 1L << 40;

    /** Of a qcow2 header, and a place in its first cluster that QEMU leaves free. */
    private static final int BACKING = 8;

    private static final int NAME = 2048;
    private static final int VIRTUAL_BYTES = 24;

    @Test
    void whatIsInThePlaceOfABackupLeadsNowhere(@TempDir Path aside) throws Exception {
        try (Stage stage = Stage.open("hostile-backup")) {
            stage.create(stage.vmInFirmware(GUEST));
            TrustedLaunchVM before = stage.awaitRunning(GUEST);
            Backups backups = Backups.of(stage, GUEST);
            VMBackupStatus full = backups.make("full");
            VMBackupStatus changes = backups.make("changes");
            Path whole = folder(backups, full);
            Path disk = folder(backups, changes).resolve(BackupFileName.ROOT_DISK);
            Path index = folder(backups, changes).resolve(BackupFileName.INDEX);
            try (Lure lure = Lure.at(stage)) {
                Replacements replacements = new Replacements(stage, aside.resolve("original"));
                replacements.refused(disk, at -> Files.createSymbolicLink(at, lure.path()), "is a link");
                replacements.refused(disk, at -> command("mkfifo", at.toString()), "of another kind than a file");
                // The host's watchdog, say; this one is harmless, and has no end.
                replacements.refused(
                        disk, at -> command("mknod", at.toString(), "c", "1", "5"), "of another kind than a file");
                replacements.refused(disk, HostileBackupE2E::truncated, "instead of");
                replacements.refused(
                        disk, at -> Files.copy(whole.resolve(BackupFileName.ROOT_DISK), at), full.backupUID());
                replacements.refused(index, HostileBackupE2E::enormous, changes.backupUID());
                replacements.refused(
                        index, at -> Files.copy(whole.resolve(BackupFileName.INDEX), at), full.backupUID());
                replacements.refused(disk.getParent(), at -> Files.createSymbolicLink(at, whole), changes.backupUID());
                verify(stage, "changes").orFail();

                stage.setRunStrategy(GUEST, RunStrategy.Halted);
                stage.awaitHalted(GUEST);
                refuseForged(backups, "full", whole, bytes -> names(bytes, lure.pathOnHost()), "has a backing file");
                refuseForged(backups, "changes", disk.getParent(), HostileBackupE2E::large, "more than 64 TiB");
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

    private static void refuseForged(Backups backups, String name, Path folder, UnaryOperator<byte[]> disk, String text)
            throws IOException {
        try (ForgedBackup forged = new ForgedBackup(backups.stage(), name, folder, disk)) {
            CommandResult refused = backups.restore(name);
            assertThat(refused.exitCode()).as(refused.toString()).isNotZero();
            assertThat(refused.toString()).contains(text);
        }
    }

    private static byte[] names(byte[] qcow2, String backing) {
        ByteBuffer.wrap(qcow2)
                .putLong(BACKING, NAME)
                .putInt(BACKING + Long.BYTES, backing.length())
                .put(NAME, backing.getBytes(StandardCharsets.US_ASCII));
        return qcow2;
    }

    private static byte[] large(byte[] qcow2) {
        ByteBuffer.wrap(qcow2).putLong(VIRTUAL_BYTES, Long.MAX_VALUE / 1024 * 512);
        return qcow2;
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
    private record Lure(Path path, String pathOnHost, Process writer) implements AutoCloseable {
        static Lure at(Stage stage) throws IOException {
            String name = "lure-" + stage.nonce;
            Path path = stage.lab.folder().resolve("shared").resolve(name);
            command("mkfifo", "-m", "666", path.toString());
            Process writer = new ProcessBuilder("sh", "-c", "exec 3> \"$0\"", path.toString()).start();
            return new Lure(path, Stage.SHARED_PATH + "/" + name, writer);
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
