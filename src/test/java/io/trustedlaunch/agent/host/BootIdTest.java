package io.trustedlaunch.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootIdTest {
    @TempDir
    Path run;

    @Test
    void itStaysUntilTheHostBoots() throws IOException {
        String boot = BootId.in(run);
        assertThat(UUID.fromString(boot)).hasToString(boot);
        assertThat(BootId.in(run)).isEqualTo(boot);

        Files.delete(run.resolve("boot-id"));
        assertThat(BootId.in(run)).isNotEqualTo(boot);
    }

    @Test
    void aDamagedOneIsMadeAnew() throws IOException {
        Files.writeString(run.resolve("boot-id"), "host-a");
        String boot = BootId.in(run);
        assertThat(UUID.fromString(boot)).hasToString(boot);
        assertThat(BootId.in(run)).isEqualTo(boot);
    }
}
