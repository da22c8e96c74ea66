package io.trustedlaunch.agent.migration;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port for authenticated peers, at one address of the host. Limits the number of connections that have not
 * authenticated yet; reopens by itself, also when the address changes.
 */
public final class Listener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);
    private static final Duration ADDRESS_CHECK = Duration.ofSeconds(10);

    private final String name;
    private final String peers;
    private final Predicate<InetAddress> known;
    private final Handler handler;
    private final Unauthenticated unauthenticated = new Unauthenticated();

    private volatile ServerSocket server;
    private volatile boolean closed;

    /** Handles accepted connections. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Runs on a thread of its own; the connection is closed afterwards. An exception is logged as the reason.
         *
         * @param authenticated to be run as soon as the peer is authenticated
         */
        void handle(Socket accepted, Runnable authenticated) throws IOException, InterruptedException;
    }

    /**
     * @param name of its threads
     * @param peers who connects, for the log
     * @param known addresses whose connections strangers cannot block
     */
    public Listener(String name, String peers, Predicate<InetAddress> known, Handler handler) {
        this.name = name;
        this.peers = peers;
        this.known = known;
        this.handler = handler;
    }

    /**
     * Opens the port as soon as the address is known and the port is free.
     *
     * @param address of this host, asked for again now and then
     * @param opened called each time that the port was opened
     */
    public void open(Supplier<Optional<InetAddress>> address, int port, Runnable opened) {
        Thread.ofPlatform().daemon().name(name).start(() -> listen(address, port, opened));
    }

    /** The open port; empty while it is closed. */
    public OptionalInt port() {
        ServerSocket listening = server;
        return listening == null ? OptionalInt.empty() : OptionalInt.of(listening.getLocalPort());
    }

    @Override
    public void close() {
        closed = true;
        try {
            if (server != null) {
                server.close();
            }
        } catch (IOException e) {
            LOG.debug("Cannot close the port: {}", e.getMessage());
        }
    }

    private void listen(Supplier<Optional<InetAddress>> address, int port, Runnable opened) {
        while (!closed) {
            Optional<InetAddress> own = find(address);
            if (own.isPresent()) {
                listen(new InetSocketAddress(own.get(), port), () -> isStill(own.get(), address), opened);
            } else {
                pause();
            }
        }
    }

    /** Whatever is the matter with names and routes may pass. */
    private Optional<InetAddress> find(Supplier<Optional<InetAddress>> address) {
        try {
            return address.get();
        } catch (RuntimeException e) {
            LOG.warn("Cannot find the address of this host to listen for {}: {}", peers, e.getMessage());
            return Optional.empty();
        }
    }

    private boolean isStill(InetAddress own, Supplier<Optional<InetAddress>> address) {
        return find(address).orElse(own).equals(own);
    }

    private void listen(InetSocketAddress at, BooleanSupplier current, Runnable opened) {
        try (ServerSocket listening = new ServerSocket()) {
            listening.setReuseAddress(true);
            listening.bind(at);
            listening.setSoTimeout((int) ADDRESS_CHECK.toMillis());
            server = listening;
            LOG.info("Listening for {} on {}", peers, listening.getLocalSocketAddress());
            opened.run();
            accept(listening, current);
        } catch (IOException e) {
            if (!closed) {
                LOG.error("Cannot listen for {} on {}, trying again: {}", peers, at, e.getMessage());
                pause();
            }
        } finally {
            server = null;
        }
    }

    private void accept(ServerSocket listening, BooleanSupplier current) throws IOException {
        long checked = System.nanoTime();
        while (!closed) {
            try {
                receive(listening.accept());
            } catch (SocketTimeoutException e) {
                LOG.trace("No client has connected", e);
            }
            if (System.nanoTime() - checked > ADDRESS_CHECK.toNanos()) {
                if (!current.getAsBoolean()) {
                    LOG.info("The address of this host for {} has changed", peers);
                    return;
                }
                checked = System.nanoTime();
            }
        }
    }

    private void receive(Socket accepted) {
        Runnable authenticated = unauthenticated.admit(accepted, known.test(accepted.getInetAddress()));
        Thread.ofVirtual().name(name + "-" + accepted.getPort()).start(() -> handle(accepted, authenticated));
    }

    private void handle(Socket accepted, Runnable authenticated) {
        try (accepted) {
            handler.handle(accepted, authenticated);
        } catch (IOException | RuntimeException e) {
            LOG.warn("Closed a connection from {}: {}", address(accepted), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            authenticated.run();
        }
    }

    private static String address(Socket socket) {
        return String.valueOf(socket.getRemoteSocketAddress());
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_DELAY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
