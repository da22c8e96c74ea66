package io.trustedlaunch.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostRootTest {
    @Test
    void anAgentThatIsAProcessOfTheHostKeepsItsRoot() throws HostRoot.UnusableException {
        HostRoot.use(Path.of("/"));

        assertThat(Path.of("pom.xml")).exists();
    }

    @Test
    void aRootThatIsMissingIsNamed(@TempDir Path folder) {
        assertThatThrownBy(() -> HostRoot.use(folder.resolve("host")))
                .isInstanceOf(HostRoot.UnusableException.class)
                .hasMessage("--host-root: not the absolute path of a folder: " + folder.resolve("host"));
    }

    @Test
    void aRelativeRootIsRefused() {
        assertThat(Path.of("src")).isDirectory();
        assertThatThrownBy(() -> HostRoot.use(Path.of("src")))
                .hasMessage("--host-root: not the absolute path of a folder: src");
    }
}
