package io.trustedlaunch.cli.plugin.console;

import io.trustedlaunch.api.vm.VMConsoleStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.SessionKey;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A connection to a guest's console, over mutual TLS with the agent of its node. */
final class ConsoleConnection implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** The time for the TLS handshake and the agent's first frame. */
    private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(15);

    private final Socket plain;
    private final SSLSocket socket;

    private ConsoleConnection(Socket plain, SSLSocket socket) {
        this.plain = plain;
        this.socket = socket;
    }

    /**
     * @param console UID of the VMConsole
     * @throws IOException if the agent cannot be reached, or does not accept the key yet
     * @throws CommandException if the agent refuses the session for good
     */
    static ConsoleConnection open(String console, VMConsoleStatus target, SessionKey key) throws IOException {
        SSLContext context = key.toNode(NodeCertificateVerifier.fromPem(target.authority()), target.nodeName());
        Socket plain = new Socket();
        try {
            plain.connect(new InetSocketAddress(target.address(), target.port()), (int) CONNECT_TIMEOUT.toMillis());
            plain.setTcpNoDelay(true);
            plain.setKeepAlive(true);
            plain.setSoTimeout((int) OPEN_TIMEOUT.toMillis());
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, target.port(), true);
            socket.setEnabledProtocols(new String[] {SessionKey.PROTOCOL});
            SessionKey.name(socket, console);
            Frame first = Frames.read(socket.getInputStream());
            plain.setSoTimeout(0);
            return switch (first) {
                case Frame.Opened opened -> new ConsoleConnection(plain, socket);
                case Frame.Output output ->
                    throw new IOException("protocol error: the agent sent output before it accepted the session");
                case Frame.Away(String reason) -> throw new IOException(reason);
                case Frame.Ended(String reason) ->
                    throw new CommandException("node " + target.nodeName() + " refused the session: " + reason);
            };
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    /** The guest's input. */
    OutputStream input() throws IOException {
        return socket.getOutputStream();
    }

    /** Copies the guest's output to the screen unchanged, until another frame arrives, which is returned. */
    Frame copyOutput(OutputStream screen) throws IOException {
        while (true) {
            Frame frame = Frames.read(socket.getInputStream());
            if (!(frame instanceof Frame.Output(byte[] bytes))) {
                return frame;
            }
            screen.write(bytes);
            screen.flush();
        }
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
