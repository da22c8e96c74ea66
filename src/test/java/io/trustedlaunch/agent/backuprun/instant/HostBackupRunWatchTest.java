package io.trustedlaunch.agent.backuprun.instant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a process in place of the agent, and a program that writes down how it was called in place of virsh. */
class HostBackupRunWatchTest {
    private static final UUID VM = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private Path record;
    private Path calls;
    private Path job;
    private Process agent;

    @BeforeEach
    void startAgent() throws IOException {
        agent = new ProcessBuilder("sleep", "600").start();
        record = folder.resolve("run.json");
        calls = folder.resolve("calls");
        job = Files.createFile(folder.resolve("job"));
        Path virsh = folder.resolve("virsh");
        Files.writeString(virsh, """
                #!/bin/sh
                shift 3
                echo "$*" >>%1$s/calls
                case $1 in
                  domstate) echo "paused (user)" ;;
                  domjobinfo) if [ -e %1$s/job ]; then echo "Operation:        Backup"; else echo "Job type:         None"; fi ;;
                  domjobabort) rm -f %1$s/job ;;
                  domfsthaw) [ ! -e %1$s/mute ] || { rm %1$s/mute; exit 1; } ;;
                  list) echo %2$s ;;
                esac
                """.formatted(folder, VM));
        Files.setPosixFilePermissions(virsh, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void endAgent() {
        // A watch ends with its record, and writes into the folder until then.
        record.toFile().delete();
        other().toFile().delete();
        agent.destroyForcibly();
        await().atMost(SOON).untilAsserted(() -> assertThat(watches()).isZero());
    }

    private Path other() {
        return folder.resolve("other.json");
    }

    private void begin(String content) throws IOException {
        Files.writeString(record, content);
        new HostBackupRunWatch(folder.resolve("virsh").toString(), "test:///", Duration.ZERO, false)
                .begin(agent.pid(), UUID.randomUUID(), VM, record);
    }

    private List<String> calls() throws IOException {
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    @Test
    void theJobThatADeadAgentLeftIsEnded() throws IOException {
        begin("{\"pausing\":false,\"freezing\":false}");
        agent.destroyForcibly();

        await().atMost(SOON).untilAsserted(() -> assertThat(job).doesNotExist());
        assertThat(calls()).contains("domjobabort " + VM).doesNotContain("resume " + VM, "domfsthaw " + VM);
        assertThat(record).as("the next agent ends the run").exists();
    }

    @Test
    void aGuestThatItPausedAndFrozeIsResumedAndThawedFirst() throws IOException {
        begin("{\"pausing\":true,\"freezing\":true}");
        agent.destroyForcibly();

        await().atMost(SOON).untilAsserted(() -> assertThat(job).doesNotExist());
        assertThat(calls()).containsSubsequence("resume " + VM, "domfsthaw " + VM, "domjobabort " + VM);
    }

    /** A guest agent that does not answer may have frozen the guest all the same. */
    @Test
    void aGuestThatDoesNotThawIsThawedAgain() throws IOException {
        Files.createFile(folder.resolve("mute"));
        begin("{\"pausing\":false,\"freezing\":true}");
        agent.destroyForcibly();

        await().atMost(SOON)
                .untilAsserted(() -> assertThat(calls())
                        .filteredOn(("domfsthaw " + VM)::equals)
                        .hasSize(2));
        assertThat(record).exists();
    }

    @Test
    void itEndsWithTheRecord() throws IOException {
        begin("{}");
        await().atMost(SOON).untilAsserted(() -> assertThat(watches()).isEqualTo(1));
        Files.delete(record);

        await().atMost(SOON).untilAsserted(() -> assertThat(watches()).isZero());
        assertThat(agent.isAlive()).isTrue();
    }

    private long watches() {
        return ProcessHandle.allProcesses()
                .flatMap(process -> process.info().arguments().stream())
                .filter(arguments ->
                        Stream.of(record, other()).map(Path::toString).anyMatch(List.of(arguments)::contains))
                .count();
    }

    @Test
    void aRunThatHasEndedIsLeftAlone() throws IOException {
        begin("{}");
        Files.delete(record);
        agent.destroyForcibly();
        // One that began later ends a job, so the first has had its turn.
        Path other = Files.writeString(other(), "{}");
        assertThat(calls()).isEmpty();
        new HostBackupRunWatch(folder.resolve("virsh").toString(), "test:///", Duration.ofSeconds(3), false)
                .begin(agent.pid(), UUID.randomUUID(), VM, other);
        await().atMost(SOON).untilAsserted(() -> assertThat(job).doesNotExist());
        assertThat(calls().stream().filter(("domjobabort " + VM)::equals)).hasSize(1);
    }
}
