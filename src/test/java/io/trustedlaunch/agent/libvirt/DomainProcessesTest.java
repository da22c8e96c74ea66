package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.agent.hypervisor.WorkingCopyLayout;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainProcessesTest {
    private static final UUID VM = UUID.fromString("b1b3c5a7-1111-4222-8333-444455556666");
    private static final int ID = 7;
    private static final long QEMU = 100;
    private static final long SWTPM = 101;

    @TempDir
    private Path root;

    private DomainProcesses processes;

    @BeforeEach
    void runDomain() throws IOException {
        processes = new DomainProcesses(
                root.resolve("run"),
                root.resolve("proc"),
                new WorkingCopyLayout(Path.of("/tpms"), Path.of("/variables")));
        Files.createDirectories(root.resolve("run/swtpm"));
        Files.writeString(qemuPid(), QEMU + "\n");
        Files.writeString(swtpmPid(), SWTPM + "\n");
        process(QEMU, 'S', "qemu-system-x86_64", "-name", "guest=" + VM);
        swtpm('S');
    }

    @ParameterizedTest
    @ValueSource(chars = {'S', 'R', 'D'})
    void aProcessThatRunsOrWaitsResponds(char state) throws IOException {
        swtpm(state);

        assertThat(vtpm()).contains(new VtpmState.Responding());
    }

    @ParameterizedTest
    @ValueSource(chars = {'T', 't'})
    void aStoppedProcessIsNamed(char state) throws IOException {
        swtpm(state);

        assertThat(vtpm()).contains(new VtpmState.Stopped(SWTPM));
    }

    @Test
    void aProcessThatIsGoneOrAZombieHasEnded() throws IOException {
        process(SWTPM, 'Z');
        assertThat(vtpm()).contains(new VtpmState.Ended());

        remove(SWTPM);
        assertThat(vtpm()).contains(new VtpmState.Ended());
    }

    @Test
    void anotherProcessWithTheSameNumberIsNotTheTpm() throws IOException {
        process(SWTPM, 'S', "swtpm", "socket", "--tpmstate", "dir=/tpms/" + UUID.randomUUID() + "/tpm2");

        assertThat(vtpm()).contains(new VtpmState.Ended());
    }

    @Test
    void nothingIsKnownWhileQemuIsEndingOrIsNotVisible() throws IOException {
        remove(SWTPM);
        process(QEMU, 'R');
        assertThat(vtpm()).contains(new VtpmState.Unknown());

        process(QEMU, 'S', "init");
        assertThat(vtpm()).contains(new VtpmState.Unknown());

        remove(QEMU);
        assertThat(vtpm()).contains(new VtpmState.Unknown());
    }

    @Test
    void nothingIsKnownOfAnAlteredPidFile() throws IOException {
        Files.writeString(swtpmPid(), "none");
        assertThat(vtpm()).contains(new VtpmState.Unknown());

        Files.delete(swtpmPid());
        Files.createSymbolicLink(swtpmPid(), qemuPid());
        assertThat(vtpm()).contains(new VtpmState.Unknown());
    }

    @Test
    void aFifoInPlaceOfThePidFileIsNotWaitedFor() throws IOException {
        Files.delete(swtpmPid());
        assertThat(Command.of(Duration.ofSeconds(10), "mkfifo", swtpmPid().toString())
                        .run()
                        .succeeded())
                .isTrue();

        assertTimeoutPreemptively(
                Duration.ofSeconds(10), () -> assertThat(vtpm()).contains(new VtpmState.Unknown()));
    }

    @Test
    void aDomainWhosePidFileWasRemovedHasEnded() throws IOException {
        Files.delete(qemuPid());

        assertThat(vtpm()).isEmpty();
    }

    @Test
    void aQemuThatRunsIsSeenWhetherLibvirtKnowsItOrNot() throws IOException {
        assertThat(processes.qemu(VM)).hasValue(QEMU);

        process(QEMU, 'S', "qemu-system-x86_64", "-name", "guest=" + UUID.randomUUID());
        assertThat(processes.qemu(VM)).as("another one with the same number").isEmpty();

        process(QEMU, 'Z');
        assertThat(processes.qemu(VM)).as("a zombie").isEmpty();

        remove(QEMU);
        assertThat(processes.qemu(VM)).isEmpty();

        Files.delete(qemuPid());
        assertThat(processes.qemu(VM)).isEmpty();
    }

    private Optional<VtpmState> vtpm() {
        return processes.vtpm(VM, ID);
    }

    private Path qemuPid() {
        return root.resolve("run").resolve(VM + ".pid");
    }

    /** Named as by libvirt. */
    private Path swtpmPid() {
        return root.resolve("run/swtpm/7-b1b3c5a7-1111-4222-8-swtpm.pid");
    }

    private void swtpm(char state) throws IOException {
        process(SWTPM, state, "swtpm", "socket", "--tpmstate", "dir=/tpms/" + VM + "/tpm2,mode=0600");
    }

    private void process(long pid, char state, String... commandLine) throws IOException {
        Path process = Files.createDirectories(root.resolve("proc").resolve(Long.toString(pid)));
        Files.writeString(process.resolve("cmdline"), String.join("\0", commandLine));
        Files.writeString(process.resolve("stat"), pid + " (a name) T) " + state + " 1 1\n");
    }

    private void remove(long pid) throws IOException {
        Path process = root.resolve("proc").resolve(Long.toString(pid));
        Files.deleteIfExists(process.resolve("cmdline"));
        Files.deleteIfExists(process.resolve("stat"));
        Files.deleteIfExists(process);
    }
}
