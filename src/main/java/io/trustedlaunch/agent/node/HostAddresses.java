package io.trustedlaunch.agent.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.function.Supplier;

/** The addresses of this host's network interfaces. */
public final class HostAddresses {
    private HostAddresses() {}

    /**
     * Where this host listens for others: at the address on record if an interface has it. Otherwise it is translated to
     * the host's own on the way.
     *
     * @param onRecord an address or a name
     * @throws UncheckedIOException if a name cannot be resolved now
     */
    public static InetAddress listening(String onRecord, Supplier<String> own) {
        try {
            InetAddress address = InetAddress.getByName(onRecord);
            return NetworkInterface.getByInetAddress(address) == null ? InetAddress.getByName(own.get()) : address;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot find the host's address " + onRecord, e);
        }
    }
}
