package io.trustedlaunch.cli.plugin.console;

import io.trustedlaunch.api.VMConsoleStatus;
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

/** The way to one guest's console on one node, to whose agent alone a word is said. */
final class ConsoleConnection implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);

    /** For a handshake and the first word. */
    private static final Duration OPEN = Duration.ofSeconds(15);

    private final Socket plain;
    private final SSLSocket socket;

    private ConsoleConnection(Socket plain, SSLSocket socket) {
        this.plain = plain;
        this.socket = socket;
    }

    /** @throws IOException where there is no way, or the agent does not let this key in, which may be: not yet */
    static ConsoleConnection open(VMConsoleStatus to, SessionKey key) throws IOException {
        SSLContext context = key.toNode(NodeCertificateVerifier.fromPem(to.authority()), to.nodeName());
        Socket plain = new Socket();
        try {
            plain.connect(new InetSocketAddress(to.address(), to.port()), (int) CONNECT.toMillis());
            plain.setTcpNoDelay(true);
            plain.setKeepAlive(true);
            plain.setSoTimeout((int) OPEN.toMillis());
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, to.port(), true);
            socket.setEnabledProtocols(new String[] {SessionKey.PROTOCOL});
            Frame first = Frames.read(socket.getInputStream());
            plain.setSoTimeout(0);
            return switch (first) {
                case Frame.Opened opened -> new ConsoleConnection(plain, socket);
                case Frame.Output output -> throw new IOException("its agent speaks before it lets anybody in");
                case Frame.Away(String why) -> throw new IOException(why);
                case Frame.Ended(String why) -> throw new CommandException("node " + to.nodeName() + " refuses: " + why);
            };
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    /** Where the user's keys go. */
    OutputStream keys() throws IOException {
        return socket.getOutputStream();
    }

    /** What the guest says goes to the screen as it is, until the connection ends; how, is returned. */
    Frame show(OutputStream screen) throws IOException {
        while (true) {
            Frame frame = Frames.read(socket.getInputStream());
            if (!(frame instanceof Frame.Output(byte[] bytes))) {
                return frame;
            }
            screen.write(bytes);
            screen.flush();
        }
    }

    /** Without waiting for anybody; whoever reads is woken. */
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
