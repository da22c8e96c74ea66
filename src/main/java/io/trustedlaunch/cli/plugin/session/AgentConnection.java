package io.trustedlaunch.cli.plugin.session;

import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.SessionKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A connection with the agent of a node over mutual TLS, for one session. */
public final class AgentConnection implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final Socket plain;
    private final SSLSocket socket;

    private AgentConnection(Socket plain, SSLSocket socket) {
        this.plain = plain;
        this.socket = socket;
    }

    /**
     * Where the operator says that the session is.
     *
     * @param authority that the agent's certificate must be issued by, in PEM
     */
    public record Target(String nodeName, String address, int port, String authority) {}

    /**
     * The handshake comes with the first byte.
     *
     * @param session UID of the object of the session
     * @param patience for each read, until another one is set
     */
    public static AgentConnection open(String session, Target target, SessionKey key, Duration patience)
            throws IOException {
        SSLContext context = key.toNode(NodeCertificateVerifier.fromPem(target.authority()), target.nodeName());
        Socket plain = new Socket();
        try {
            plain.connect(new InetSocketAddress(target.address(), target.port()), (int) CONNECT_TIMEOUT.toMillis());
            plain.setTcpNoDelay(true);
            plain.setKeepAlive(true);
            plain.setSoTimeout((int) patience.toMillis());
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, target.port(), true);
            socket.setEnabledProtocols(new String[] {SessionKey.PROTOCOL});
            SessionKey.name(socket, session);
            return new AgentConnection(plain, socket);
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    public InputStream input() throws IOException {
        return socket.getInputStream();
    }

    public OutputStream output() throws IOException {
        return socket.getOutputStream();
    }

    /** @param patience for each read from now on; zero: there is no limit */
    public void setPatience(Duration patience) throws IOException {
        plain.setSoTimeout((int) patience.toMillis());
    }

    /** Closes without a TLS shutdown, which could block. A thread that is reading is woken. */
    @Override
    public void close() {
        try {
            plain.close();
        } catch (IOException e) {
            // There is nothing left to release.
            return;
        }
    }
}
