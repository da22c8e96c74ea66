package io.trustedlaunch.agent.hypervisor;

import java.net.InetAddress;

/** An address of a guest, and the MAC address of its network interface. */
public record IpAddress(String mac, InetAddress address) {
    public String text() {
        return address.getHostAddress();
    }
}
