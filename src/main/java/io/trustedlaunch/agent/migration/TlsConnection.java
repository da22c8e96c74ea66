package io.trustedlaunch.agent.migration;

import io.trustedlaunch.custody.NodeChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import jdk.net.ExtendedSocketOptions;

/**
 * A TLS connection and its plain socket. Closing closes the plain socket: it waits neither for the other side nor for
 * a thread that is writing.
 */
public record TlsConnection(SSLSocket socket, Socket plain) implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** TCP keep-alive: idle and interval in seconds, and the number of probes. */
    private static final int KEEPALIVE_IDLE = 1;

    private static final int KEEPALIVE_INTERVAL = 1;
    private static final int KEEPALIVE_PROBES = 5;

    /** Connects without starting the TLS handshake. */
    static TlsConnection to(Peer peer, SSLContext context) throws IOException {
        Socket plain = new Socket();
        try {
            plain.connect(new InetSocketAddress(peer.address(), peer.port()), (int) CONNECT_TIMEOUT.toMillis());
            return over(plain, context, true);
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    public static TlsConnection from(Socket accepted, SSLContext context) throws IOException {
        return over(accepted, context, false);
    }

    private static TlsConnection over(Socket plain, SSLContext context, boolean client) throws IOException {
        plain.setTcpNoDelay(true);
        plain.setKeepAlive(true);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, plain.getPort(), true);
        socket.setUseClientMode(client);
        socket.setEnabledProtocols(new String[] {NodeChannel.PROTOCOL});
        if (!client) {
            socket.setNeedClientAuth(true);
        }
        return new TlsConnection(socket, plain);
    }

    /** Makes reads fail soon after the other host stops responding. Nothing may be sent afterwards. */
    void detectSilence() throws IOException {
        plain.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVE_IDLE);
        plain.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVE_INTERVAL);
        plain.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_PROBES);
    }

    /** Completes the handshake. Returns the node that the other side has proved to be. */
    Optional<String> peer(NodeChannel channel) throws IOException {
        socket.startHandshake();
        return channel.peer(socket.getSession());
    }

    @Override
    public void close() {
        try {
            plain.close();
        } catch (IOException e) {
            // Nothing is left to do with it.
            return;
        }
    }
}
