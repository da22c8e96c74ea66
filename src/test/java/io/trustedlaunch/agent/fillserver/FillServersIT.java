package io.trustedlaunch.agent.fillserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.process.Command;
import io.trustedlaunch.process.SteadyClock;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** QEMU's own tools read what a server serves. As root, so that a server has no rights but to read, and QEMU is another user. */
@Timeout(180)
class FillServersIT {
    @TempDir
    private Path folder;

    private final UUID fill = UUID.randomUUID();
    private FillFixture fixture;
    private HostFillServers servers;

    @BeforeEach
    void serve() throws IOException {
        fixture = new FillFixture(Files.createDirectory(folder.resolve("nas")));
        UserPrincipalLookupService accounts = FileSystems.getDefault().getUserPrincipalLookupService();
        HypervisorAccount account = new HypervisorAccount(
                accounts.lookupPrincipalByName("root"),
                accounts.lookupPrincipalByName("nobody"),
                accounts.lookupPrincipalByGroupName("nogroup"));
        servers = new HostFillServers(folder.resolve("fill"), account, FillRuntime::own, SteadyClock.system());
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        servers.serve(fill, fixture.content());
    }

    @AfterEach
    void end() throws IOException {
        servers.end(fill);
    }

    private String nbd(String disk) {
        return "nbd+unix:///" + disk + "?socket=" + servers.socket(fill);
    }

    private static String run(String... command) {
        Command.Result result = Command.of(Duration.ofSeconds(60), command).run();
        assertThat(result.succeeded()).as(result.output()).isTrue();
        return result.output();
    }

    private static String asQemu(String... command) {
        String[] all = {"setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"};
        String[] both = Arrays.copyOf(all, all.length + command.length);
        System.arraycopy(command, 0, both, all.length, command.length);
        return run(both);
    }

    @Test
    void qemuReadsEachDiskAsItsUser() throws IOException {
        Path raw = Files.write(folder.resolve("raw"), fixture.root);

        assertThat(asQemu("qemu-img", "info", "--output=json", nbd("root")))
                .contains("\"virtual-size\": " + Math.ceilDiv(FillFixture.BYTES, 512) * 512);
        run("qemu-img", "compare", "-f", "raw", "-F", "raw", raw.toString(), nbd("root"));
        assertThat(asQemu("qemu-nbd", "--list", "--socket=" + servers.socket(fill)))
                .contains("export: 'root'", "export: 'data-db'", "readonly");
    }

    /** As a disk that is made empty is filled: QEMU reads what the server has, and writes it into its own. */
    @Test
    void anEmptyDiskBecomesTheBackups() throws IOException {
        Path disk = folder.resolve("os.qcow2");
        Path raw = folder.resolve("filled");
        run("qemu-img", "create", "-q", "-f", "qcow2", "-b", nbd("root"), "-F", "raw", disk.toString());
        run("qemu-io", "-c", "write -P 7 1M 64k", disk.toString());

        run("qemu-img", "rebase", "-f", "qcow2", "-b", "", disk.toString());

        run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", disk.toString(), raw.toString());
        byte[] expected = Arrays.copyOf(fixture.root, Math.ceilDiv(FillFixture.BYTES, 512) * 512);
        Arrays.fill(expected, 1 << 20, (1 << 20) + (64 << 10), (byte) 7);
        assertThat(Files.readAllBytes(raw)).isEqualTo(expected);
        assertThat(Files.size(disk)).as("zeros take no room").isLessThan(6 << 20);
    }

    @Test
    void aServerHasNoRightsButToRead() throws IOException {
        String own = servers.socket(fill).getParent().toString();
        long pid = ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(one -> read(one, "cmdline").endsWith(own + "\0"))
                .findFirst()
                .orElseThrow();

        String status = read(pid, "status");

        // CAP_DAC_READ_SEARCH where systemd starts it, or else CAP_DAC_OVERRIDE.
        String capability = FillProgram.hasSystemd() ? "0000000000000004" : "0000000000000002";
        assertThat(status)
                .containsPattern("NoNewPrivs:\\s+1\n")
                .containsPattern("CapPrm:\\s+" + capability)
                .containsPattern("CapEff:\\s+" + capability)
                .containsPattern("CapBnd:\\s+" + capability)
                .containsPattern("CapInh:\\s+0{16}");
    }

    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file));
        } catch (IOException e) {
            return "";
        }
    }
}
