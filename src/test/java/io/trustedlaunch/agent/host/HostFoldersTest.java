package io.trustedlaunch.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFoldersTest {
    @TempDir
    private Path host;

    @Test
    void aSecondAgentOnTheHostIsRefusedUntilTheFirstHasEnded() throws Exception {
        HostFolders first = open();
        assertThatThrownBy(this::open)
                .isInstanceOf(HostFolders.InUseException.class)
                .hasMessageContainingAll(
                        "another agent", state().resolve("agent/lock").toString(), "stop it first");
        first.close();
        open().close();
    }

    @Test
    void theSuccessorOfAKilledAgentStartsAtOnce() throws Exception {
        Process agent = otherAgent();
        try {
            assertThat(agent.inputReader().readLine()).isEqualTo("open");
            assertThatThrownBy(this::open).isInstanceOf(HostFolders.InUseException.class);
        } finally {
            agent.destroyForcibly().waitFor();
        }
        open().close();
    }

    @Test
    void onlyItsOwnFolderIsClosedToOthers() throws Exception {
        open().close();
        assertThat(mode(state())).isEqualTo("rwx--x--x");
        assertThat(mode(state().resolve("agent"))).isEqualTo("rwx------");
        assertThat(mode(host.resolve("run"))).isEqualTo("rwx--x--x");
    }

    private HostFolders open() throws HostFolders.InUseException {
        return HostFolders.open(state(), host.resolve("run"));
    }

    private Path state() {
        return host.resolve("state");
    }

    private static String mode(Path folder) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
    }

    private Process otherAgent() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        OtherAgent.class.getName(),
                        state().toString(),
                        host.resolve("run").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Has the folders until it is killed. */
    static final class OtherAgent {
        public static void main(String[] folders) throws Exception {
            try (HostFolders open = HostFolders.open(Path.of(folders[0]), Path.of(folders[1]))) {
                System.out.println("open");
                Thread.sleep(Long.MAX_VALUE);
            }
        }
    }
}
