package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.cli.CommandExceptionHandler;
import io.trustedlaunch.cli.Commands;
import io.trustedlaunch.recovery.EscrowedVm;
import io.trustedlaunch.testkit.RecoveryPair;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code kubectl tlvm backup restore} refuses before it makes anything; BackupRestoreIT has what it makes. */
class RestoreBackupCommandTest {
    private static final UUID VM = UUID.fromString("5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11");

    @TempDir
    private Path folder;

    private RecoveryPair pair;
    private Path from;
    private Path to;
    private BackupIndex backup;

    private record Ended(int exitCode, String err) {}

    @BeforeEach
    void aBackup() throws IOException {
        pair = RecoveryPair.make(folder, "ec:P-256");
        from = Files.createDirectory(folder.resolve("backups"));
        to = Files.createDirectory(folder.resolve("vms"));
        EscrowedVm vm = new EscrowedVm("payroll", VM, pair.certificate());
        Map<String, byte[]> files = new TreeMap<>();
        files.put(BackupFileName.ROOT_DISK, new byte[] {1});
        files.put(BackupFileName.GUEST_STATE, new byte[] {2});
        files.put(BackupFileName.RECOVERY_ESCROW, vm.sealedEscrow(7, EscrowedVm.EK));
        BackupFixture fixture = new BackupFixture(1);
        backup = fixture.make(VM, 1, null, files, vm.key, 1 << 20);
        fixture.copyTo(new FolderStore(from), backup);
    }

    private Ended restore(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--key=" + pair.keyFile(),
                "--from=" + from,
                "--to=" + to,
                "--node=host-a",
                "--output=" + folder.resolve("recovered.yaml")));
        arguments.addAll(List.of(more));
        StringWriter err = new StringWriter();
        int exitCode = Commands.line(new RestoreBackupCommand())
                .setExecutionExceptionHandler(new CommandExceptionHandler())
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
        return new Ended(exitCode, err.toString());
    }

    private void assertRefused(Ended ended, String... words) {
        assertThat(ended.exitCode()).isNotZero();
        assertThat(ended.err()).contains(words);
        assertThat(to).isEmptyDirectory();
        assertThat(folder.resolve("recovered.yaml")).doesNotExist();
    }

    @Test
    void aBackupDoesNotProveItsNamespace() {
        assertRefused(
                restore("--vm=" + VM, "--namespace=web"),
                "is of a VM of namespace finance",
                "repeat with --namespace finance");
    }

    @Test
    void anIndexThatIsNotTheOneOnRecordIsRefused() {
        assertRefused(
                restore("--vm=" + VM, "--namespace=finance", "--index-sha256=" + "0".repeat(64)),
                "has index " + backup.ref().indexSHA256() + ", not 0000");
    }

    @Test
    void aBackupThatIsNotThereIsNamed() {
        UUID other = UUID.fromString("00000000-0000-4000-8000-00000000000f");

        assertRefused(restore("--vm=" + other, "--namespace=finance"), "has no backup of VM " + other);
        assertRefused(
                restore("--vm=" + VM, "--namespace=finance", "--backup=" + other),
                "has no backup " + other + " of VM " + VM);
    }

    @Test
    void aBackupThatTheKeyDoesNotOpenSaysSo(@TempDir Path elsewhere) {
        pair = RecoveryPair.make(elsewhere, "ec:P-256");

        assertRefused(
                restore("--vm=" + VM, "--namespace=finance"),
                "backup " + backup.backup() + " cannot be used: recovery.escrow: it was sealed for the recovery key",
                "has no backup of VM " + VM + " that this key opens");
    }

    @Test
    void theFolderOfBackupsMustBeThere() throws IOException {
        Files.move(from, folder.resolve("unmounted"));

        assertRefused(restore("--vm=" + VM, "--namespace=finance"), "the backup was not restored", from.toString());
    }
}
