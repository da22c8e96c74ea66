package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.IpAddress;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/**
 * A guest's addresses. The guest agent knows all of them, static ones and IPv6 too; without it, the DHCP leases of the host's
 * network are used, then the host's ARP table. Only addresses of the domain's own interfaces count, whatever a guest agent
 * reports.
 */
final class GuestAddresses {
    /** VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT, _LEASE, _ARP, in the order of queries. */
    private static final List<Integer> SOURCES = List.of(1, 0, 2);

    private static final int AGENT = 1;
    private static final int AGENT_SECONDS = 2;

    private GuestAddresses() {}

    static List<IpAddress> of(OpenConnection connection, UUID vm, Domain domain) throws LibvirtException {
        Set<String> macs = DomainMacAddresses.macs(domain.getXMLDesc(0));
        for (int source : SOURCES) {
            // A source without information mostly fails.
            List<IpAddress> found = source == AGENT
                    ? connection.guestAgents().limited(vm, AGENT_SECONDS, () -> connection.addresses(vm, AGENT, macs))
                    : connection.addresses(vm, source, macs);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }
}
