package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import java.util.List;
import java.util.Set;
import org.libvirt.LibvirtException;

/** What network cards need of this host. */
record CardRequirements(OpenConnection connection) {
    /** @throws HypervisorException {@code NetworkMissing} or {@code NetworkFilterMissing} */
    void require(List<Nic> nics) throws LibvirtException {
        requireNetworks(nics, Set.of(connection.listNetworks()));
        List<String> filters =
                nics.stream().flatMap(nic -> nic.filter().stream()).toList();
        if (!filters.isEmpty()) {
            requireFilters(filters, Set.of(connection.listNetworkFilters()));
        }
    }

    private static void requireNetworks(List<Nic> nics, Set<String> active) {
        nics.stream()
                .map(Nic::network)
                .filter(network -> !active.contains(network))
                .findFirst()
                .ifPresent(network -> {
                    throw new HypervisorException(new HypervisorFailure.NetworkMissing(network));
                });
    }

    private static void requireFilters(List<String> filters, Set<String> there) {
        filters.stream().filter(filter -> !there.contains(filter)).findFirst().ifPresent(filter -> {
            throw new HypervisorException(new HypervisorFailure.NetworkFilterMissing(filter));
        });
    }
}
