package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.IpAddress;
import java.net.InetAddress;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.DomainInterface;
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
            if (source == AGENT) {
                connection.limitGuestAgent(vm, AGENT_SECONDS);
            }
            List<IpAddress> found = usable(query(domain, source), macs);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    /** A source without information mostly fails. */
    private static Collection<DomainInterface> query(Domain domain, int source) {
        try {
            return Optional.ofNullable(domain.interfaceAddresses(source, 0)).orElse(List.of());
        } catch (LibvirtException e) {
            return List.of();
        }
    }

    private static List<IpAddress> usable(Collection<DomainInterface> interfaces, Set<String> macs) {
        Set<IpAddress> found = new LinkedHashSet<>();
        for (DomainInterface each : interfaces) {
            String mac = String.valueOf(each.hwAddr).toLowerCase(Locale.ROOT);
            if (!macs.contains(mac) || each.addrs == null) {
                continue;
            }
            each.addrs.stream()
                    .map(address -> address.address)
                    .filter(GuestAddresses::isReachable)
                    .forEach(address -> found.add(new IpAddress(mac, address)));
        }
        return List.copyOf(found);
    }

    private static boolean isReachable(InetAddress address) {
        return address != null
                && !address.isLoopbackAddress()
                && !address.isLinkLocalAddress()
                && !address.isAnyLocalAddress()
                && !address.isMulticastAddress();
    }
}
