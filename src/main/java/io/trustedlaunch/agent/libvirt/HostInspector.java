package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.TrialDomain;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.hypervisor.HostFactsBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.libvirt.NodeInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Determines a host's capabilities. Results of trial starts are kept as long as the connection lasts. */
final class HostInspector {
    private static final Logger LOG = LoggerFactory.getLogger(HostInspector.class);

    /** Starts paused, and is removed when this connection ends. */
    private static final int PAUSED_AND_AUTODESTROY = 1 | 2;

    private final FirmwareCatalog firmware;
    private OpenConnection inspected;
    private Optional<Acceleration> proved = Optional.empty();
    private Optional<String> machineUUID = Optional.empty();

    HostInspector(FirmwareCatalog firmware) {
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
            machineUUID = HostCapabilities.parse(connection.getCapabilities()).machineUUID();
            inspected = connection;
        }
        Acceleration acceleration = acceleration(connection);
        return HostFactsBuilder.builder()
                .libvirtVersion(version(Connect.connectionVersion(connection)))
                .qemuVersion(version(connection.getVersion()))
                .emulator(emulated.emulator().orElse(Path.of("/usr/bin/qemu-system-x86_64")))
                .cores(node.cpus)
                .memoryBytes(node.memory * 1024)
                .machineUUID(machineUUID)
                .kvm(acceleration.kvm())
                .secureBootFirmware(emulated.secureLoader()
                        && firmware.variablesTemplate(true).isPresent())
                .firmware(firmware.files(true).toList())
                .nested(Optional.of(acceleration).filter(Acceleration::vbs))
                .networks(new TreeSet<>(List.of(connection.listNetworks())))
                .build();
    }

    private Acceleration acceleration(OpenConnection connection) {
        if (proved.isEmpty()) {
            proved = Optional.of(candidates(connection).stream()
                    .filter(candidate -> starts(connection, candidate))
                    .findFirst()
                    .orElse(Acceleration.EMULATED));
        }
        return proved.orElseThrow();
    }

    /** The accelerations that libvirt reports, the best first. */
    private static List<Acceleration> candidates(OpenConnection connection) {
        List<Acceleration> candidates = new ArrayList<>();
        connection.domainCapabilities("kvm").map(DomainCapabilities::parse).ifPresent(kvm -> {
            if (kvm.cpuFeatures().contains("vmx")) {
                candidates.add(Acceleration.KVM_NESTED_INTEL);
            }
            if (kvm.cpuFeatures().contains("svm")) {
                candidates.add(Acceleration.KVM_NESTED_AMD);
            }
            candidates.add(Acceleration.KVM);
        });
        return candidates;
    }

    private static boolean starts(OpenConnection connection, Acceleration acceleration) {
        try {
            Domain trial = connection.domainCreateXML(
                    TrialDomain.render(UUID.randomUUID(), acceleration), PAUSED_AND_AUTODESTROY);
            trial.destroy();
            trial.free();
            return true;
        } catch (LibvirtException e) {
            LOG.info("This host cannot run a guest with {}: {}", acceleration, LibvirtErrors.text(e));
            return false;
        }
    }

    private static String version(long packed) {
        return packed / 1_000_000 + "." + packed / 1000 % 1000 + "." + packed % 1000;
    }
}
