package io.trustedlaunch.agent.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.URL;

/** The address of this host that it reaches the API server from: the one that other nodes most likely reach too. */
public final class PrimaryAddress {
    private PrimaryAddress() {}

    /** Nothing is sent: to connect a datagram socket only asks the routing table. */
    public static String towards(URL server) {
        int port = server.getPort() > 0 ? server.getPort() : server.getDefaultPort();
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(server.getHost(), port));
            return socket.getLocalAddress().getHostAddress();
        } catch (IOException e) {
            throw new UncheckedIOException("no address of this host leads to the API server", e);
        }
    }
}
