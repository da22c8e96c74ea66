package io.trustedlaunch.agent.libvirt;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.hypervisor.WorkingCopyLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How to reach a host's libvirt, and where it keeps what it does not tell through its API.
 *
 * @param firmwareFolders where firmware is described, the first overriding the later ones
 * @param qemuLogs where libvirt notes how each domain ended
 * @param patience how long to wait for libvirtd to accept a connection
 * @param rest between two looks whether a lost connection can be had again
 * @param keepalive how often libvirtd has to show that it is alive; it may miss three times
 */
@RecordBuilder
public record LibvirtSettings(
        String uri,
        WorkingCopyLayout layout,
        List<Path> firmwareFolders,
        Path qemuLogs,
        Duration patience,
        Duration rest,
        Duration keepalive) {

    public LibvirtSettings {
        firmwareFolders = List.copyOf(firmwareFolders);
    }

    /** The system daemon as every distribution sets it up. */
    public static LibvirtSettings system() {
        return LibvirtSettingsBuilder.builder()
                .uri("qemu:///system")
                .layout(WorkingCopyLayout.system())
                .firmwareFolders(List.of(Path.of("/etc/qemu/firmware"), Path.of("/usr/share/qemu/firmware")))
                .qemuLogs(Path.of("/var/log/libvirt/qemu"))
                .patience(Duration.ofSeconds(10))
                .rest(Duration.ofSeconds(2))
                .keepalive(Duration.ofSeconds(5))
                .build();
    }

    /** Where the daemon that runs QEMU listens: it has a socket of its own where libvirt is several daemons. */
    public static Path daemonSocket() {
        Path own = Path.of("/run/libvirt/virtqemud-sock");
        return Files.exists(own) ? own : Path.of("/run/libvirt/libvirt-sock");
    }

    /** The same host, reached in another way. */
    public LibvirtSettings at(String otherUri) {
        return LibvirtSettingsBuilder.builder(this).uri(otherUri).build();
    }
}
