package io.trustedlaunch.agent.libvirt;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads the MAC addresses of a domain's network interfaces. */
final class DomainMacAddresses {
    private DomainMacAddresses() {}

    static Set<String> macs(String domainXml) {
        return LibvirtXml.parse(domainXml).values("/domain/devices/interface/mac/@address").stream()
                .map(mac -> mac.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
    }
}
