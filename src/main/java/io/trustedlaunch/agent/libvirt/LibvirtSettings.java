package io.trustedlaunch.agent.libvirt;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.WorkingCopyLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How to reach a host's libvirt, and the paths of files that its API does not cover.
 *
 * @param firmwareFolders with descriptions of firmware, earlier ones override later ones
 * @param qemuLogs folder in which libvirt logs how each domain ended
 * @param runFolder folder in which libvirt keeps the process ids and its status of domains
 * @param account that QEMU runs as
 * @param trials folder for the files of trial domains, in a folder that QEMU can enter
 * @param connectTimeout for libvirtd to accept a connection
 * @param reconnectInterval between two attempts to restore a lost connection
 * @param keepalive interval of keepalive messages; libvirtd may miss three
 */
@RecordBuilder
public record LibvirtSettings(
        String uri,
        WorkingCopyLayout layout,
        List<Path> firmwareFolders,
        Path qemuLogs,
        Path runFolder,
        HypervisorAccount account,
        Path trials,
        Duration connectTimeout,
        Duration reconnectInterval,
        Duration keepalive) {

    public LibvirtSettings {
        firmwareFolders = List.copyOf(firmwareFolders);
    }

    /** The settings for the system daemon, on every distribution. */
    public static LibvirtSettings system() {
        return LibvirtSettingsBuilder.builder()
                .uri("qemu:///system")
                .layout(WorkingCopyLayout.system())
                .firmwareFolders(List.of(Path.of("/etc/qemu/firmware"), Path.of("/usr/share/qemu/firmware")))
                .qemuLogs(Path.of("/var/log/libvirt/qemu"))
                .runFolder(Path.of("/run/libvirt/qemu"))
                .account(HypervisorAccount.named(Optional.empty(), Optional.empty()))
                .trials(Path.of("/run/trusted-launch/trials"))
                .connectTimeout(Duration.ofSeconds(10))
                .reconnectInterval(Duration.ofSeconds(2))
                .keepalive(Duration.ofSeconds(5))
                .build();
    }

    /** The socket of the daemon that runs QEMU; a socket of its own if libvirt is split into several daemons. */
    public static Path daemonSocket() {
        Path own = Path.of("/run/libvirt/virtqemud-sock");
        return Files.exists(own) ? own : Path.of("/run/libvirt/libvirt-sock");
    }

    /**
     * The same host with another URI.
     *
     * @param runFolder of the agent, which QEMU can enter
     */
    public LibvirtSettings at(String otherUri, HypervisorAccount otherAccount, Path runFolder) {
        return LibvirtSettingsBuilder.builder(this)
                .uri(otherUri)
                .account(otherAccount)
                .trials(runFolder.resolve("trials"))
                .build();
    }
}
