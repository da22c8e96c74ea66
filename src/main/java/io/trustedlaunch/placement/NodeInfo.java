package io.trustedlaunch.placement;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ClusterNodeSpec;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatus.Location;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node as a VM's possible place.
 *
 * @param labels the labels of the Kubernetes Node of that name
 * @param taints those of that Node
 * @param fenced the Kubernetes Node is tainted out-of-service
 * @param unschedulable the Kubernetes Node is cordoned
 * @param certificateFault why nothing can be sealed to the node; empty if it can
 * @param inUse what VMs have or were promised here
 * @param shared which nodes have the same folder in a storage location
 */
@RecordBuilder
public record NodeInfo(
        String name,
        ClusterNodeSpec spec,
        ClusterNodeStatus status,
        Map<String, String> labels,
        List<Taint> taints,
        boolean agentAlive,
        boolean fenced,
        boolean unschedulable,
        Optional<String> certificateFault,
        Allocated inUse,
        SharedLocations shared) {

    /** What a host needs for itself where an administrator said nothing. */
    private static final long HOST_RESERVE = 2L << 30;

    private static final String HOSTNAME = "kubernetes.io/hostname";

    long freeMemory() {
        return memoryForVMs() - inUse.memoryBytes();
    }

    long memoryForVMs() {
        if (spec.memoryForVMs() != null) {
            return ByteSize.of(spec.memoryForVMs());
        }
        return status == null || status.capacity() == null
                ? 0
                : ByteSize.of(status.capacity().memory()) - HOST_RESERVE;
    }

    int cores() {
        return status == null || status.capacity() == null
                ? 0
                : status.capacity().cores();
    }

    int coresForVMs(PlacementPolicy policy) {
        return (int) Math.floor(cores() * policy.coresOvercommit());
    }

    List<String> networks() {
        return status == null ? List.of() : status.networks();
    }

    /** What the node is a part of; empty if it is a part of nothing of that kind. A host without a Node has a name too. */
    Optional<String> place(String topologyKey) {
        return topologyKey.equals(HOSTNAME) ? Optional.of(name) : Optional.ofNullable(labels.get(topologyKey));
    }

    /** Whether it is proved that what {@code withNode} wrote into the location can be read here; true for itself. */
    public boolean sharesLocation(String location, String withNode) {
        return shared.areOneFolder(location, name, withNode);
    }

    Optional<Location> location(String name) {
        return status == null
                ? Optional.empty()
                : status.storageLocations().stream()
                        .filter(location -> location.name().equals(name))
                        .findFirst();
    }
}
