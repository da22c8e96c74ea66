package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.testkit.AuditLog;
import io.trustedlaunch.testkit.Lab.CommandResult;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Measures backups and a restore beside plain copies of the same bytes in the same run; asserts no figure. Bulk data is written
 * by the guest's QEMU, since an emulated guest writes slowly; the guest itself counts on its disk and in its TPM.
 */
@Tag("campaign")
class BackupSpeedE2E {
    private static final String GUEST = "guest";
    private static final int ROUNDS = Integer.getInteger("speed.rounds", 5);
    private static final int MEBIBYTES = Integer.getInteger("speed.mebibytes", 1024);

    /** The guest counts below. */
    private static final int FIRST_MEBIBYTE = 64;

    private static final int SCATTERED = 96;
    private static final long WRITES = 200;

    @Test
    void backupsAndARestore() throws Exception {
        try (Stage stage = Stage.open("speed")) {
            Backups backups = Backups.of(stage, GUEST);
            stage.create(stage.vm(GUEST)
                    .dataDisk("data", FIRST_MEBIBYTE + 2 * MEBIBYTES + "Mi")
                    .shortGracePeriod());
            String uid = stage.awaitRunning(GUEST).identity();
            stage.awaitBoots(uid, 1);
            String host = stage.get(GUEST).getStatus().nodeName();
            stage.writeToDataDisk(host, uid, "write -P 1 " + FIRST_MEBIBYTE + "M " + MEBIBYTES + "M");
            try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
                user.awaitScreen("connected to the console on node");
                user.type("lockstep\r");
                stage.awaitConsole(uid, console -> console.contains("PROOF lockstep-from="), "counting");
            }
            WriteLatency latency = new WriteLatency(stage.lab, host, uid);
            for (int round = 1; round <= ROUNDS; round++) {
                measureFull(stage, backups, latency, host, uid, round);
                measureNothing(backups, round);
                measureIncremental(stage, backups, host, uid, round);
            }
            measureRestore(stage, backups, uid);
        }
    }

    private void measureFull(Stage stage, Backups backups, WriteLatency latency, String host, String uid, int round)
            throws IOException {
        // Else only what differs from the round before would be stored.
        stage.writeToDataDisk(host, uid, "write -P " + (100 + round) + " " + FIRST_MEBIBYTE + "M " + MEBIBYTES + "M");
        latency.begin();
        WriteLatency.Measured before = latency.after(WRITES);
        Copied copied = copy(stage.folderOf(uid), backups.folder());
        latency.begin();
        long logged = new AuditLog(stage.lab.auditLog()).end();
        long begin = System.nanoTime();
        VMBackupStatus full = backups.make("full-" + round, BackupMode.Full);
        long took = millisecondsSince(begin);
        WriteLatency.Measured during = latency.measured();
        assertThat(full.result().type()).isEqualTo(BackupResult.Type.Full);
        printf(
                "BACKUP full: ours %d ms, copy with fsync %d ms, %d MiB",
                took, copied.milliseconds(), copied.bytes() >> 20);
        printf(
                "BACKUP write latency: during %.2f ms, before %.2f ms; p99 %.2f ms, %.2f ms; %d and %d writes",
                during.mean(), before.mean(), during.p99(), before.p99(), during.writes(), before.writes());
        printf("BACKUP pause: %d ms", full.result().pauseMilliseconds());
        List<AuditLog.Request> writes = writesSince(stage, logged);
        writes.forEach(write -> System.out.println("API write: " + write));
        printf("BACKUP API writes: %d", writes.size());
    }

    private static List<AuditLog.Request> writesSince(Stage stage, long logged) {
        return new AuditLog(stage.lab.auditLog())
                .productRequests(
                        logged,
                        request -> request.writes()
                                && (request.resource().startsWith("backupruns")
                                        || request.resource().startsWith("vmbackups")
                                        || request.resource().startsWith("trustedlaunchvms")
                                        || request.resource().startsWith("events")));
    }

    /** But for what the guest writes meanwhile. */
    private static void measureNothing(Backups backups, int round) {
        long begin = System.nanoTime();
        BackupResult nothing = backups.make("nothing-" + round).result();
        printf("BACKUP nothing: %d ms, stored %d", millisecondsSince(begin), ByteSize.of(nothing.stored()));
    }

    private void measureIncremental(Stage stage, Backups backups, String host, String uid, int round) {
        int written = FIRST_MEBIBYTE + MEBIBYTES;
        stage.writeToDataDisk(host, uid, "write -P " + (round + 1) + " " + written + "M " + MEBIBYTES / 8 + "M");
        for (int i = 0; i < SCATTERED; i++) {
            int at = FIRST_MEBIBYTE + i * (MEBIBYTES / SCATTERED);
            stage.writeToDataDisk(host, uid, "write -P " + (round + 1) + " " + at + "M 256k");
        }
        long begin = System.nanoTime();
        BackupResult changes = backups.make("changes-" + round).result();
        long took = millisecondsSince(begin);
        assertThat(changes.type()).as(changes.fullReason()).isEqualTo(BackupResult.Type.Incremental);
        printf(
                "BACKUP changes: stored %d, dirty %d; %d ms",
                ByteSize.of(changes.stored()), ByteSize.of(changes.changed()), took);
        printf("BACKUP pause: %d ms", changes.pauseMilliseconds());
    }

    private void measureRestore(Stage stage, Backups backups, String uid) throws IOException {
        stage.setRunStrategy(GUEST, RunStrategy.Halted);
        stage.awaitHalted(GUEST);
        long begin = System.nanoTime();
        stage.lab
                .kubectl("tlvm", "backup", "verify", "full-" + ROUNDS, "-n=" + stage.namespace, "--wait")
                .orFail();
        printf("BACKUP verify: %d ms", millisecondsSince(begin));
        begin = System.nanoTime();
        backups.restore("full-" + ROUNDS).orFail();
        long took = millisecondsSince(begin);
        Copied copied = copy(stage.folderOf(uid), stage.folderOf(uid).getParent());
        printf(
                "BACKUP restore: ours %d ms, copy with fsync %d ms, %d MiB",
                took, copied.milliseconds(), copied.bytes() >> 20);
        measureStart(stage, backups);
    }

    /** Until the guest runs, from the command on: its disks are filled first, and while it runs. */
    private static void measureStart(Stage stage, Backups backups) {
        long first = untilRunning(stage, () -> backups.restore("nothing-" + ROUNDS));
        stage.setRunStrategy(GUEST, RunStrategy.Halted);
        stage.awaitHalted(GUEST);
        long atOnce = untilRunning(stage, () -> backups.restoreAtOnce("changes-" + ROUNDS));
        long begin = System.nanoTime();
        stage.awaitVm(GUEST, "whole disks", vm -> vm.getStatus().diskFill() == null);
        printf(
                "BACKUP start: at once %d ms, filled first %d ms; filled %d ms later",
                atOnce, first, millisecondsSince(begin));
    }

    private static long untilRunning(Stage stage, Supplier<CommandResult> restore) {
        long begin = System.nanoTime();
        restore.get().orFail();
        stage.setRunStrategy(GUEST, RunStrategy.Always);
        stage.awaitRunning(GUEST);
        return millisecondsSince(begin);
    }

    private record Copied(long milliseconds, long bytes) {}

    /** All disks, into one file. */
    private Copied copy(Path vm, Path to) throws IOException {
        Path copy = to.resolve("copy");
        long bytes = 0;
        long begin = System.nanoTime();
        try (FileChannel out = FileChannel.open(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                var disks = Files.newDirectoryStream(vm, "*.qcow2")) {
            for (Path disk : disks) {
                try (FileChannel in = FileChannel.open(disk)) {
                    for (long at = 0; at < in.size(); ) {
                        at += in.transferTo(at, in.size() - at, out);
                    }
                    bytes += in.size();
                }
            }
            out.force(true);
        }
        Copied copied = new Copied(millisecondsSince(begin), bytes);
        Files.delete(copy);
        return copied;
    }

    private static long millisecondsSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) / 1_000_000;
    }

    private static void printf(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
