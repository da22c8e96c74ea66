package io.trustedlaunch.operator.vm.facts;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.node.VMNetworkSpec;
import java.util.Map;
import java.util.Set;

/**
 * The objects that a VM's spec can name, as they are in the cluster.
 *
 * @param discs the GuestImages that the VM's discs name, by name; also those that do not exist
 * @param locations the storage locations by name
 * @param networks the VMNetworks by name
 * @param cardsWithTakenMac the network cards whose MAC address another VM had first in their network
 * @param namespaceTerminating read only if a start is due, as is {@code userData}
 */
@RecordBuilder
public record VmOffers(
        ImageFacts image,
        Map<String, ImageFacts> discs,
        Map<String, StorageLocationSpec> locations,
        Map<String, VMNetworkSpec> networks,
        Set<String> cardsWithTakenMac,
        boolean namespaceTerminating,
        UserDataFacts userData) {
    public VmOffers {
        discs = discs == null ? Map.of() : discs;
    }
}
