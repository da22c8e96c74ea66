package io.trustedlaunch.agent.migration;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port for authenticated peers. Limits the number of connections that have not authenticated yet; reopens by itself.
 */
public final class Listener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private static final int MAX_UNAUTHENTICATED = 16;
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final String name;
    private final String peers;
    private final Handler handler;
    /** One permit for each connection that may be unauthenticated. */
    private final Semaphore unauthenticated = new Semaphore(MAX_UNAUTHENTICATED);

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
     */
    public Listener(String name, String peers, Handler handler) {
        this.name = name;
        this.peers = peers;
        this.handler = handler;
    }

    /** Opens the port at once, or as soon as it is free. */
    public void open(int port) {
        Thread.ofPlatform().daemon().name(name).start(() -> accept(port));
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

    private void accept(int port) {
        while (!closed) {
            try (ServerSocket listening = new ServerSocket()) {
                listening.setReuseAddress(true);
                listening.bind(new InetSocketAddress(port));
                server = listening;
                LOG.info("Listening for {} on port {}", peers, listening.getLocalPort());
                while (!closed) {
                    receive(listening.accept());
                }
            } catch (IOException e) {
                server = null;
                if (!closed) {
                    LOG.error("Cannot listen for {}, trying again: {}", peers, e.getMessage());
                    pause();
                }
            }
        }
    }

    private void receive(Socket accepted) throws IOException {
        if (!unauthenticated.tryAcquire()) {
            LOG.warn("Closed a connection from {}: too many connections have not authenticated yet", address(accepted));
            accepted.close();
            return;
        }
        Thread.ofVirtual().name(name + "-" + accepted.getPort()).start(() -> handle(accepted));
    }

    /** Releases the permit as soon as the peer is authenticated, or the connection has ended. */
    private void handle(Socket accepted) {
        Semaphore permit = new Semaphore(1);
        Runnable authenticated = () -> {
            if (permit.tryAcquire()) {
                unauthenticated.release();
            }
        };
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
