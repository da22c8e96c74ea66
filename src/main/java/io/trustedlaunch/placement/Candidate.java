package io.trustedlaunch.placement;

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
 * @param fenced the Kubernetes Node is tainted out-of-service
 * @param unschedulable the Kubernetes Node is cordoned
 * @param certificateFault why nothing can be sealed to the node; empty if it can
 * @param memoryInUse bytes that VMs have or were promised here
 * @param shared which nodes have the same folder in a storage location
 */
public record Candidate(
        String name,
        ClusterNodeSpec spec,
        ClusterNodeStatus status,
        Map<String, String> labels,
        boolean agentAlive,
        boolean fenced,
        boolean unschedulable,
        Optional<String> certificateFault,
        long memoryInUse,
        SharedLocations shared) {

    /** What a host needs for itself where an administrator said nothing. */
    private static final long HOST_RESERVE = 2L << 30;

    long freeMemory() {
        return memoryForVMs() - memoryInUse;
    }

    long memoryForVMs() {
        if (spec.memoryForVMs() != null) {
            return spec.memoryForVMs().getNumericalAmount().longValue();
        }
        return status == null || status.capacity() == null
                ? 0
                : status.capacity().memory().getNumericalAmount().longValue() - HOST_RESERVE;
    }

    int cores() {
        return status == null || status.capacity() == null
                ? 0
                : status.capacity().cores();
    }

    List<String> networks() {
        return status == null || status.networks() == null ? List.of() : status.networks();
    }

    /** Whether it is proved that what {@code withNode} wrote into the location can be read here; true for itself. */
    public boolean sharesLocation(String location, String withNode) {
        return shared.areOneFolder(location, name, withNode);
    }

    Optional<Location> location(String name) {
        return status == null || status.storageLocations() == null
                ? Optional.empty()
                : status.storageLocations().stream()
                        .filter(location -> location.name().equals(name))
                        .findFirst();
    }
}
