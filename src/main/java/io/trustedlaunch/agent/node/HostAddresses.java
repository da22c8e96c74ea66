package io.trustedlaunch.agent.node;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Optional;

/** The addresses of this host's network interfaces. */
public final class HostAddresses {
    private HostAddresses() {}

    /** The address, if this host has it. */
    public static Optional<InetAddress> own(String addressOrName) {
        try {
            InetAddress address = InetAddress.getByName(addressOrName);
            return NetworkInterface.getByInetAddress(address) == null ? Optional.empty() : Optional.of(address);
        } catch (UnknownHostException | SocketException e) {
            return Optional.empty();
        }
    }
}
