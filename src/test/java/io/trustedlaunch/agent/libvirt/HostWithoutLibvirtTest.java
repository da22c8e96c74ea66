package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostWithoutLibvirtTest {
    @TempDir
    private Path folder;

    @Test
    void aHostWhoseLibvirtHasNotStartedSinceItsBootHasNoDomains() throws IOException {
        Path run = folder.resolve("qemu");
        try (LibvirtHypervisor hypervisor =
                new LibvirtHypervisor(LibvirtSettingsBuilder.builder(LibvirtSettings.system())
                        .uri("qemu+unix:///system?socket=" + folder.resolve("libvirt-sock"))
                        .runFolder(run)
                        .connectTimeout(Duration.ofSeconds(30))
                        .build())) {
            assertThat(hypervisor.domains()).isEmpty();

            Files.createDirectory(run);

            assertThatThrownBy(hypervisor::domains)
                    .as("with a daemon that has ended, guests may run")
                    .isInstanceOf(HypervisorException.class);
        }
    }
}
