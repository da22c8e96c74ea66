package io.trustedlaunch.agent.node;

import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.identity.NodeIdentity;
import io.trustedlaunch.agent.identity.SealingIdentity;
import io.trustedlaunch.agent.location.LocationState;
import io.trustedlaunch.agent.location.LocationWatch;
import io.trustedlaunch.agent.node.NodeFacts.Finding;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Failed;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Found;
import io.trustedlaunch.agent.tpm.SwtpmFacts;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.node.ClusterNodeStatus.BackupFolder;
import io.trustedlaunch.api.node.StorageLocation;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Gathers the facts about the host. */
public final class NodeGatherer {
    private final Hypervisor hypervisor;
    private final CachedPreflight preflight;
    private final NodeIdentity identity;
    private final LocationWatch locations;
    private final Function<List<BackupLocation>, List<BackupFolder>> backupFolders;
    private final Disks disks;
    private final Supplier<Optional<String>> portsProblem;
    private final Supplier<OptionalInt> migrationPort;
    private final Supplier<OptionalInt> consolePort;
    private final boolean emulation;
    private final BooleanSupplier shuttingDown;
    private final String agentVersion;
    private final InstantSource clock;

    /**
     * @param preflight proves that the host has what VMs need besides libvirt; see {@link CachedPreflight}
     * @param backupFolders what was found in the folders of these BackupLocations
     * @param portsProblem closes QEMU's migration ports to strangers, or returns why it cannot
     * @param migrationPort for other nodes' agents; empty if there is none
     * @param consolePort for console clients; empty if there is none
     * @param emulation whether VMs may run without KVM
     * @param shuttingDown whether the host is about to shut down
     */
    public NodeGatherer(
            Hypervisor hypervisor,
            Supplier<SwtpmFacts> preflight,
            NodeIdentity identity,
            LocationWatch locations,
            Function<List<BackupLocation>, List<BackupFolder>> backupFolders,
            Disks disks,
            Supplier<Optional<String>> portsProblem,
            Supplier<OptionalInt> migrationPort,
            Supplier<OptionalInt> consolePort,
            boolean emulation,
            BooleanSupplier shuttingDown,
            String agentVersion,
            InstantSource clock) {
        this.hypervisor = hypervisor;
        this.preflight = new CachedPreflight(preflight, clock);
        this.identity = identity;
        this.locations = locations;
        this.backupFolders = backupFolders;
        this.disks = disks;
        this.portsProblem = portsProblem;
        this.migrationPort = migrationPort;
        this.consolePort = consolePort;
        this.emulation = emulation;
        this.shuttingDown = shuttingDown;
        this.agentVersion = agentVersion;
        this.clock = clock;
    }

    NodeFacts gather(
            String address, List<StorageLocation> known, List<BackupLocation> backupLocations, long generation) {
        Finding<SwtpmFacts> tpm = preflight.result();
        return NodeFactsBuilder.builder()
                .address(address)
                .hypervisor(host())
                .tpm(tpm)
                .libtpms(tpm.found().flatMap(facts -> facts.libtpms().version()))
                .emulation(emulation)
                .shuttingDown(shuttingDown.getAsBoolean())
                .sealingCertificate(identity.sealing().map(SealingIdentity::certificatePem))
                .certificatePending(identity.pending())
                .locations(locations(known))
                .backupFolders(backupFolders.apply(backupLocations))
                .portsProblem(portsProblem.get())
                .migrationPort(migrationPort.get())
                .consolePort(consolePort.get())
                .agentVersion(agentVersion)
                .generation(generation)
                .now(clock.instant())
                .build();
    }

    private Finding<HostFacts> host() {
        try {
            return new Found<>(hypervisor.host());
        } catch (HypervisorException e) {
            return new Failed<>(e.getMessage());
        }
    }

    private SortedMap<String, LocationState> locations(List<StorageLocation> known) {
        Map<String, Path> paths = known.stream()
                .collect(Collectors.toMap(
                        location -> location.getMetadata().getName(),
                        location -> Path.of(location.getSpec().path())));
        SortedMap<String, LocationState> states = locations.states(paths);
        states.forEach((name, state) -> {
            if (state.problem().isEmpty()) {
                disks.clearLeftovers(paths.get(name));
            }
        });
        return states;
    }
}
