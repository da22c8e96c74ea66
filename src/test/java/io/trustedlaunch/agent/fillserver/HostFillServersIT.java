package io.trustedlaunch.agent.fillserver;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.process.SteadyClock;
import io.trustedlaunch.testkit.HostProcess;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With real processes. */
@Timeout(180)
class HostFillServersIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final UUID fill = UUID.randomUUID();
    private FillFixture fixture;
    private HostFillServers servers;

    @BeforeEach
    void makeBackup() throws IOException {
        fixture = new FillFixture(Files.createDirectory(folder.resolve("nas")));
        servers = new HostFillServers(
                folder.resolve("fill"), Accounts.ownerOf(folder), FillRuntime::own, SteadyClock.system());
    }

    @AfterEach
    void endAll() throws IOException {
        servers.end(fill);
    }

    /** The JDK returns only the beginning of a command line. */
    private Optional<ProcessHandle> process() {
        String own = folder.resolve("fill").resolve(fill.toString()).toString();
        return ProcessHandle.allProcesses()
                .filter(process -> text(process.pid(), "cmdline").endsWith(own + "\0"))
                .findFirst();
    }

    /** Empty if the process has ended. */
    private static String text(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file), ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private byte[] root(int offset, int length) throws IOException {
        return FillFixture.read(servers.socket(fill), "root", offset, length);
    }

    @Test
    void aServerServesUntilItIsEnded() throws IOException {
        assertThat(servers.isServing(fill)).isFalse();

        servers.serve(fill, fixture.content());

        assertThat(servers.isServing(fill)).isTrue();
        assertThat(servers.trouble(fill)).isEmpty();
        assertThat(root(0, FillFixture.BYTES)).isEqualTo(fixture.root);
        ProcessHandle process = process().orElseThrow();
        assertThat(process.parent().map(ProcessHandle::pid))
                .as("it is nobody's child")
                .isNotEqualTo(Optional.of(ProcessHandle.current().pid()));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(servers.socket(fill))))
                .isEqualTo("rw-------");

        servers.serve(fill, fixture.content(OptionalLong.of(1L << 30)));
        assertThat(process()).contains(process);

        servers.end(fill);
        assertThat(folder.resolve("fill")).isEmptyDirectory();
        await().atMost(SOON).untilAsserted(() -> assertThat(process()).isEmpty());
        assertThat(servers.isServing(fill)).isFalse();
        servers.end(fill);
    }

    @Test
    void oneThatWasKilledIsStartedAnewAndGetsItsContentAgain() throws IOException {
        servers.serve(fill, fixture.content());
        ProcessHandle first = process().orElseThrow();
        new HostProcess(first).kill();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(servers.isServing(fill)).isFalse());

        servers.serve(fill, fixture.content());

        assertThat(process()).isPresent().isNotEqualTo(Optional.of(first));
        assertThat(root(100, 5000)).isEqualTo(Arrays.copyOfRange(fixture.root, 100, 5100));
    }

    /** The starter is a process of its own, which is killed with all that it has. */
    @Test
    void itOutlivesWhatHasStartedIt() throws Exception {
        Path own = Files.createDirectories(folder.resolve("fill").resolve(fill.toString()));
        Process starter = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Starter.class.getName(),
                        fill.toString(),
                        own.toString())
                .inheritIO()
                .start();
        await().atMost(SOON).until(() -> Files.exists(own.resolve(ControlChannel.SOCKET)));
        starter.destroyForcibly().waitFor();

        servers.serve(fill, fixture.content());

        assertThat(root(0, 1000)).isEqualTo(Arrays.copyOf(fixture.root, 1000));
        assertThat(process()).isPresent();
    }

    /** Starts a server, and stays. */
    static final class Starter {
        public static void main(String[] args) throws Exception {
            new FillProgram(FillRuntime.own(), false, false).start(UUID.fromString(args[0]), Path.of(args[1]));
            Thread.sleep(600_000);
        }
    }

    @Test
    void aBackupThatIsAwayIsReported() throws IOException {
        Path away = folder.resolve("away");
        Files.move(fixture.location, away);

        assertThatThrownBy(() -> servers.serve(fill, fixture.content())).isInstanceOf(BackupStoreException.class);
        assertThat(servers.isServing(fill)).isFalse();

        Files.move(away, fixture.location);
        servers.serve(fill, fixture.content());
        assertThat(servers.isServing(fill)).isTrue();
    }

    @Test
    void whatSpeaksNonsenseIsNotAnswered() throws IOException {
        servers.serve(fill, fixture.content());
        Path control = servers.socket(fill).resolveSibling(ControlChannel.SOCKET);
        for (byte[] nonsense : List.of(
                new byte[] {0x7f, -1, -1, -1}, new byte[] {-1, -1, -1, -1}, new byte[] {0, 0, 0, 2, 'x', 'y'})) {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(control));
                channel.write(ByteBuffer.wrap(nonsense));
                channel.shutdownOutput();
                assertThat(channel.read(ByteBuffer.allocate(1))).isNegative();
            }
        }
        assertThat(servers.isServing(fill)).isTrue();
    }

    /** Of the process: its arguments, its environment, and the files that it leaves. */
    @Test
    void noKeyIsInArgumentsEnvironmentOrFiles() throws IOException {
        servers.serve(fill, fixture.content());
        long pid = process().orElseThrow().pid();
        String secret = new String(fixture.packSecret(), ISO_8859_1);
        assertThat(text(pid, "cmdline")).isNotEmpty().doesNotContain(secret);
        assertThat(text(pid, "environ")).isNotEmpty().doesNotContain(secret);
        assertThat(servers.socket(fill).resolveSibling(FillServer.LOCK)).isEmptyFile();
        assertThat(text(pid, "limits")).containsPattern("Max core file size +0 +0");
    }
}
