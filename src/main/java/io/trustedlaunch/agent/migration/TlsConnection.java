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
 * A TLS connection and the one that it is made of. To close it is to close the latter: it neither waits for the other
 * side, nor for a thread that writes to it.
 */
public record TlsConnection(SSLSocket socket, Socket plain) implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);

    /** In seconds: so long without a word the other host is asked, so often again, and so many times. */
    private static final int ASKED_AFTER = 1;

    private static final int ASKED_EVERY = 1;
    private static final int ASKED_TIMES = 5;

    /** Connects, without a word of TLS yet. */
    static TlsConnection to(Peer peer, SSLContext context) throws IOException {
        Socket plain = new Socket();
        try {
            plain.connect(new InetSocketAddress(peer.address(), peer.port()), (int) CONNECT.toMillis());
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

    /** From now on a read fails soon after the other host has ceased to answer; but nothing may be sent. */
    void noticeSilence() throws IOException {
        plain.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, ASKED_AFTER);
        plain.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, ASKED_EVERY);
        plain.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, ASKED_TIMES);
    }

    /** Ends the handshake. Returns who the other side has proved to be. */
    Optional<String> peer(NodeChannel channel) throws IOException {
        socket.startHandshake();
        return channel.peer(socket.getSession());
    }

    @Override
    public void close() {
        try {
            plain.close();
        } catch (IOException e) {
            // There is nothing left to do with it.
            return;
        }
    }
}
