package io.trustedlaunch.agent.node;

import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.identity.NodeIdentity;
import io.trustedlaunch.agent.identity.SealingIdentity;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.location.LocationVerdict;
import io.trustedlaunch.agent.node.NodeFacts.Finding;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Failed;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Found;
import io.trustedlaunch.agent.tpm.SwtpmPreflight;
import io.trustedlaunch.api.StorageLocation;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Looks at the host. */
public final class NodeGatherer {
    private final Hypervisor hypervisor;
    private final TpmPreflight tpm;
    private final NodeIdentity identity;
    private final LocationCheck locations;
    private final Disks disks;
    private final boolean emulation;
    private final String agentVersion;
    private final InstantSource clock;

    /** @param emulation whether VMs may run without KVM */
    public NodeGatherer(
            Hypervisor hypervisor,
            Supplier<SwtpmPreflight> preflight,
            NodeIdentity identity,
            LocationCheck locations,
            Disks disks,
            boolean emulation,
            String agentVersion,
            InstantSource clock) {
        this.hypervisor = hypervisor;
        this.tpm = new TpmPreflight(preflight, clock);
        this.identity = identity;
        this.locations = locations;
        this.disks = disks;
        this.emulation = emulation;
        this.agentVersion = agentVersion;
        this.clock = clock;
    }

    NodeFacts gather(List<StorageLocation> known, long generation) {
        return new NodeFacts(
                host(),
                tpm.look(),
                emulation,
                identity.sealing().map(SealingIdentity::certificatePem),
                identity.pending(),
                locations(known),
                agentVersion,
                generation,
                clock.instant());
    }

    private Finding<HostFacts> host() {
        try {
            return new Found<>(hypervisor.host());
        } catch (HypervisorException e) {
            return new Failed<>(e.getMessage());
        }
    }

    private SortedMap<String, LocationVerdict> locations(List<StorageLocation> known) {
        SortedMap<String, LocationVerdict> verdicts = new TreeMap<>();
        for (StorageLocation location : known) {
            Path path = Path.of(location.getSpec().path());
            LocationVerdict verdict = locations.verdict(path);
            if (verdict instanceof LocationVerdict.Open) {
                disks.clearLeftovers(path);
            }
            verdicts.put(location.getMetadata().getName(), verdict);
        }
        return verdicts;
    }
}
