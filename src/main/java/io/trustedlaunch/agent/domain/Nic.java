package io.trustedlaunch.agent.domain;

import java.util.regex.Pattern;

/**
 * A network card of the guest.
 *
 * @param network the name of an active libvirt network of the host, never a host bridge
 * @param mac as in {@code 52:54:00:12:34:56}, lower case; it stays for the life of the VM
 */
public record Nic(String name, String network, String mac) {
    private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");

    public Nic {
        Text.requirePrintable("NIC name", name);
        Text.requirePrintable("network name", network);
        if (!MAC.matcher(mac).matches()) {
            throw new IllegalArgumentException("NIC " + name + ": not a MAC address in lower case: " + mac);
        }
    }
}
