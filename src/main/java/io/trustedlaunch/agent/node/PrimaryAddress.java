package io.trustedlaunch.agent.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.URL;

/** This host's source address for connections to the API server, which other nodes can most likely reach too. */
public final class PrimaryAddress {
    private PrimaryAddress() {}

    /** Sends nothing: connecting a datagram socket only looks up the route. */
    public static String towards(URL server) {
        int port = server.getPort() > 0 ? server.getPort() : server.getDefaultPort();
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(server.getHost(), port));
            return socket.getLocalAddress().getHostAddress();
        } catch (IOException e) {
            throw new UncheckedIOException("this host has no route to the API server " + server.getHost(), e);
        }
    }
}
