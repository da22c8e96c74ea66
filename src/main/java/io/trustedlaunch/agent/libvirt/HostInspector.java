package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.hypervisor.HostFactsBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;
import org.libvirt.NodeInfo;

/** Determines a host's capabilities. Results of trial starts are kept as long as the connection lasts. */
final class HostInspector {
    private final LibvirtSettings settings;
    private final FirmwareCatalog firmware;
    private OpenConnection inspected;
    private HostCapabilities host = HostCapabilities.NONE;
    private Optional<HostAcceleration> proved = Optional.empty();

    HostInspector(LibvirtSettings settings, FirmwareCatalog firmware) {
        this.settings = settings;
        this.firmware = firmware;
    }

    synchronized HostFacts inspect(OpenConnection connection) throws LibvirtException {
        NodeInfo node = connection.nodeInfo();
        DomainCapabilities emulated = connection
                .domainCapabilities("qemu")
                .map(DomainCapabilities::parse)
                .orElse(DomainCapabilities.NONE);
        if (inspected != connection) {
            proved = Optional.empty();
            host = HostCapabilities.parse(connection.getCapabilities());
            inspected = connection;
        }
        HostAcceleration found = acceleration(connection);
        Acceleration acceleration = found.acceleration();
        return HostFactsBuilder.builder()
                .libvirtVersion(version(Connect.connectionVersion(connection)))
                .qemuVersion(version(connection.getVersion()))
                .emulator(emulated.emulator().orElse(Path.of("/usr/bin/qemu-system-x86_64")))
                .cores(node.cpus)
                .memoryBytes(node.memory * 1024)
                .machineUUID(host.machineUUID())
                .kvm(acceleration.kvm())
                .secureBootFirmware(emulated.secureLoader()
                        && firmware.variablesTemplate(true).isPresent())
                .firmware(firmware.files(true).toList())
                .nested(Optional.of(acceleration).filter(Acceleration::vbs))
                .virtualization(found.virtualization())
                .shadowStacks(found.shadowStacks())
                .networks(new TreeSet<>(List.of(connection.listNetworks())))
                .build();
    }

    private HostAcceleration acceleration(OpenConnection connection) {
        if (proved.isEmpty()) {
            proved = Optional.of(HostAcceleration.find(
                    connection.domainCapabilities("kvm").map(DomainCapabilities::parse),
                    host.vendor(),
                    new TrialDomains(connection, settings.account(), settings.trials())));
        }
        return proved.orElseThrow();
    }

    private static String version(long packed) {
        return packed / 1_000_000 + "." + packed / 1000 % 1000 + "." + packed % 1000;
    }
}
