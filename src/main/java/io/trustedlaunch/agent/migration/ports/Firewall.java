package io.trustedlaunch.agent.migration.ports;

import java.net.InetAddress;
import java.util.Set;

/** This host's rules about who may connect to QEMU's migration ports. */
@FunctionalInterface
public interface Firewall {
    /**
     * Replaces the rules: only those addresses may open connections to the ports. Connections that are open stay open.
     *
     * @throws FirewallException if the rules may be other ones
     */
    void admit(Set<InetAddress> sources) throws FirewallException;
}
