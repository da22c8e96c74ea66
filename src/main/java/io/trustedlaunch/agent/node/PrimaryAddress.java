package io.trustedlaunch.agent.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.URL;

/** This host's address on the route to the API server, which other nodes most likely reach too. */
public final class PrimaryAddress {
    private PrimaryAddress() {}

    /** Sends nothing: connecting a datagram socket only consults the routing table. */
    public static String towards(URL server) {
        int port = server.getPort() > 0 ? server.getPort() : server.getDefaultPort();
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(server.getHost(), port));
            return socket.getLocalAddress().getHostAddress();
        } catch (IOException e) {
            throw new UncheckedIOException("this host has no route to the API server; set --address", e);
        }
    }
}
