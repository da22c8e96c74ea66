package io.trustedlaunch.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostProgramsTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsMissingIsNamedWithItsPackagesUntilItIsInstalled() throws IOException {
        HostPrograms programs = new HostPrograms(List.of(folder.resolve("none"), folder));
        for (String name : List.of("swtpm", "swtpm_setup", "ss", "xorriso", "qemu-io", "qemu-nbd")) {
            install(name);
        }
        assertThat(programs.problem())
                .contains("this node lacks qemu-img, setpriv, prlimit; install qemu-utils, util-linux on it, as Debian"
                        + " names the packages");

        for (String name : List.of("qemu-img", "setpriv", "prlimit")) {
            install(name);
        }

        assertThat(programs.problem()).isEmpty();
    }

    private void install(String name) throws IOException {
        assertThat(Files.createFile(folder.resolve(name)).toFile().setExecutable(true))
                .isTrue();
    }
}
