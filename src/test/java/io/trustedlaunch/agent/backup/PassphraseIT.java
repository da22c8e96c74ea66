package io.trustedlaunch.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.process.Command;
import io.trustedlaunch.testkit.SecretSearch;
import io.trustedlaunch.testkit.SecretSearch.Finding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each of QEMU's tools that gets a backup's passphrase is stopped while it runs, and all processes of the machine are searched
 * for it.
 */
@Timeout(300)
class PassphraseIT {
    private static final long BYTES = 64 << 20;

    @TempDir
    private Path folder;

    private final byte[] passphrase =
            (UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", "").getBytes(StandardCharsets.US_ASCII);
    private final SecretSearch search = new SecretSearch(Map.of("passphrase", passphrase));
    private BackupDisks disks;

    @BeforeEach
    void makeTools() {
        disks = new BackupDisks(new ConfinedTools(Accounts.ownerOf(folder)), Duration.ofSeconds(120));
    }

    @Test
    void itIsInNoArgumentEnvironmentOrFileWhileADiskIsSavedAndRestored() throws Exception {
        QemuImages.qemuImg(
                "create", "-q", "-f", "qcow2", folder.resolve("disk.qcow2").toString(), Long.toString(BYTES));
        assertNotSeenIn("qemu-img", () -> create("full"));
        create("changes");
        try (StorageDaemon daemon = new StorageDaemon(folder, BYTES)) {
            daemon.write(List.of("write -q -P 1 0 " + BYTES));
            daemon.begin("checkpoint-0", Optional.empty());
            assertNotSeenIn("qemu-img", () -> disks.copyAll(daemon.export(), folder.resolve("full"), passphrase));
            daemon.end(Optional.empty());
            daemon.write(List.of("write -q -P 2 0 " + BYTES));
            daemon.begin("checkpoint-1", Optional.of("checkpoint-0"));
            assertNotSeenIn(
                    "qemu-io", () -> disks.workingCopyChanges(daemon.export(), folder.resolve("changes"), passphrase));
            daemon.end(Optional.of("checkpoint-0"));
        }
        assertNotSeenIn("qemu-img", () -> {
            Path restored = folder.resolve("restored");
            Files.deleteIfExists(restored);
            disks.restore(
                    List.of(folder.resolve("changes"), folder.resolve("full")), passphrase, Files.createFile(restored));
        });
        Path planted = Files.write(folder.resolve("planted"), passphrase);
        assertThat(search.files(folder, file -> false))
                .as("what is in a file would be found")
                .extracting(Finding::where)
                .allMatch(where -> where.startsWith(planted.toString()))
                .isNotEmpty();
    }

    private void create(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.deleteIfExists(file);
        disks.create(Files.createFile(file), BYTES, passphrase);
    }

    /** Work that can be repeated. */
    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    /** Repeats the work until its tool was seen. */
    private void assertNotSeenIn(String tool, Work work) throws Exception {
        for (boolean isSeen = false; !isSeen; ) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            Thread worker = Thread.ofPlatform().start(() -> {
                try {
                    work.run();
                    done.complete(null);
                } catch (Exception e) {
                    done.completeExceptionally(e);
                }
            });
            while (!isSeen && !done.isDone()) {
                isSeen = isSearched(tool);
            }
            worker.join();
            done.join();
        }
    }

    private boolean isSearched(String tool) throws IOException {
        for (ProcessHandle process : ProcessHandle.current().descendants().toList()) {
            if (isRunning(process, tool)) {
                signal("-STOP", process);
                try {
                    if (isRunning(process, tool)) {
                        assertNothingIsFound(process);
                        return true;
                    }
                } finally {
                    signal("-CONT", process);
                }
            }
        }
        return false;
    }

    /** One that gets a passphrase, and has begun. */
    private static boolean isRunning(ProcessHandle process, String tool) throws IOException {
        Path entry = Path.of("/proc", Long.toString(process.pid()));
        try {
            return Files.readString(entry.resolve("comm")).strip().equals(tool)
                    && Files.readString(entry.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                            .contains("secret,id=");
        } catch (IOException e) {
            if (process.isAlive()) {
                throw e;
            }
            return false;
        }
    }

    private void assertNothingIsFound(ProcessHandle process) {
        List<String> unread = new ArrayList<>();
        assertThat(search.processes(unread::add)).isEmpty();
        assertThat(unread).noneMatch(what -> what.endsWith(" " + process.pid()));
        assertThat(search.files(folder, file -> false)).isEmpty();
    }

    private static void signal(String signal, ProcessHandle process) {
        Command.of(Duration.ofSeconds(60), "kill", signal, Long.toString(process.pid()))
                .run();
    }
}
