package io.trustedlaunch.cli.plugin.console;

import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.screen.SharedAccess;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import io.trustedlaunch.console.Frame;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.ExitCode;

/**
 * A port of this machine alone, at which a viewer sees the screen of a VM; one viewer at a time. When the VM moves or restarts,
 * the viewer is disconnected, and the port stays for the next one.
 */
public final class VncProxy implements AutoCloseable {
    /** Of this machine alone. */
    private static final String ADDRESS = "127.0.0.1";

    private static final int READ_SIZE = 4096;

    private final ServerSocket port;
    private final RequestedConsole console;
    private final TextOutput messages;
    private final AtomicBoolean cut = new AtomicBoolean();
    private boolean closed;

    private VncProxy(ServerSocket port, RequestedConsole console, TextOutput messages) {
        this.port = port;
        this.console = console;
        this.messages = messages;
    }

    /** @param port 0: any free one */
    public static VncProxy open(int port, RequestedConsole console, TextOutput messages) {
        try {
            return new VncProxy(new ServerSocket(port, 1, InetAddress.getByName(ADDRESS)), console, messages);
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandException("cannot listen at port " + port + " of this machine: " + e.getMessage());
        }
    }

    /** Where viewers connect. */
    public InetSocketAddress address() {
        return (InetSocketAddress) port.getLocalSocketAddress();
    }

    /** Whether the VM has moved or stopped under a viewer since this was asked last. */
    boolean wasCut() {
        return cut.getAndSet(false);
    }

    /**
     * Serves viewers, one after the other.
     *
     * @return the exit code
     */
    public int run() throws InterruptedException {
        try (ScreenSession session = new ScreenSession(console, messages, this::close)) {
            while (true) {
                try (Socket viewer = port.accept()) {
                    viewer.setTcpNoDelay(true);
                    Optional<String> over = serve(viewer, session);
                    if (over.isPresent()) {
                        session.print("disconnected: " + over.get());
                        return ExitCode.SOFTWARE;
                    }
                } catch (IOException e) {
                    if (session.isDeleted()) {
                        session.print("disconnected: the VMConsole of this session was deleted");
                        return ExitCode.SOFTWARE;
                    }
                    if (isClosed()) {
                        return ExitCode.OK;
                    }
                    session.print(String.valueOf(e.getMessage()));
                }
            }
        }
    }

    /** Returns why no viewer may come again; empty if one may. */
    private Optional<String> serve(Socket viewer, ScreenSession session) throws IOException, InterruptedException {
        Optional<ConsoleConnection> guest = session.connect(this::isClosed);
        if (guest.isEmpty()) {
            return Optional.empty();
        }
        try (ConsoleConnection open = guest.get()) {
            session.print("a viewer is connected to the screen");
            AtomicBoolean left = new AtomicBoolean();
            Thread input = Thread.ofPlatform().daemon().name("viewer").start(() -> passInput(viewer, open, left));
            Frame last = show(open, viewer, left);
            boolean viewerLeft = left.get();
            // First: a viewer may end at once.
            cut.set(!viewerLeft && !(last instanceof Frame.Ended));
            viewer.close();
            open.close();
            input.join();
            if (viewerLeft) {
                session.print("the viewer has disconnected");
                return Optional.empty();
            }
            return switch (last) {
                case Frame.Ended(String reason) -> Optional.of(reason);
                case Frame.Away(String reason) -> {
                    session.print("the screen was closed: " + reason + "; connect the viewer again");
                    yield Optional.empty();
                }
                case Frame.Opened opened -> Optional.of("protocol error: the agent accepted the session twice");
                case Frame.Output output -> Optional.of("protocol error: unexpected output");
            };
        }
    }

    /** Until either side ends it. */
    private static Frame show(ConsoleConnection guest, Socket viewer, AtomicBoolean left) {
        try {
            return guest.copyOutput(new ViewerOutput(viewer.getOutputStream(), left));
        } catch (IOException e) {
            return new Frame.Away(String.valueOf(e.getMessage()));
        }
    }

    private static void passInput(Socket viewer, ConsoleConnection guest, AtomicBoolean left) {
        try {
            OutputStream to = new SharedAccess(guest.input());
            byte[] bytes = new byte[READ_SIZE];
            for (int length = read(viewer, bytes); length >= 0; length = read(viewer, bytes)) {
                to.write(bytes, 0, length);
                to.flush();
            }
            left.set(true);
        } catch (IOException e) {
            // Who shows the screen sees why.
            return;
        } finally {
            guest.close();
        }
    }

    /** A viewer that has not read all that was sent to it resets its connection when it ends. */
    private static int read(Socket viewer, byte[] bytes) {
        try {
            return viewer.getInputStream().read(bytes);
        } catch (IOException e) {
            return -1;
        }
    }

    private static final class ViewerOutput extends FilterOutputStream {
        private final AtomicBoolean left;

        ViewerOutput(OutputStream viewer, AtomicBoolean left) {
            super(viewer);
            this.left = left;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                left.set(true);
                throw e;
            }
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Ends it, when its viewer has gone. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        try {
            port.close();
        } catch (IOException e) {
            // Nobody can connect any more.
            return;
        }
    }
}
