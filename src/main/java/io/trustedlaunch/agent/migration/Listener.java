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
 * A port that others connect to, who have to prove who they are: only so many may be about to. Opens again by itself.
 */
public final class Listener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private static final int MOST_WAITING = 16;
    private static final Duration AFTER_A_FAULT = Duration.ofSeconds(1);

    private final String name;
    private final String forWhom;
    private final Host host;
    /** Who has not proved yet to be anybody. */
    private final Semaphore waiting = new Semaphore(MOST_WAITING);

    private volatile ServerSocket server;
    private volatile boolean closed;

    /** Whoever receives those that connect. */
    @FunctionalInterface
    public interface Host {
        /**
         * On a thread of its own; the connection is closed afterwards. What it throws is the reason why.
         *
         * @param known to be run, at most once, as soon as it is known who is there
         */
        void greet(Socket accepted, Runnable known) throws IOException, InterruptedException;
    }

    /**
     * @param name of its threads
     * @param forWhom in the log
     */
    public Listener(String name, String forWhom, Host host) {
        this.name = name;
        this.forWhom = forWhom;
        this.host = host;
    }

    /** Opens it at once, or as soon as the port is free. */
    public void open(int port) {
        Thread.ofPlatform().daemon().name(name).start(() -> accept(port));
    }

    /** Where it is open; empty: it is not. */
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
            LOG.debug("closing: {}", e.getMessage());
        }
    }

    private void accept(int port) {
        while (!closed) {
            try (ServerSocket listening = new ServerSocket()) {
                listening.setReuseAddress(true);
                listening.bind(new InetSocketAddress(port));
                server = listening;
                LOG.info("Open to {} at port {}", forWhom, listening.getLocalPort());
                while (!closed) {
                    receive(listening.accept());
                }
            } catch (IOException e) {
                server = null;
                if (!closed) {
                    LOG.error("Not open to {}, trying again: {}", forWhom, e.getMessage());
                    rest();
                }
            }
        }
    }

    private void receive(Socket accepted) throws IOException {
        if (!waiting.tryAcquire()) {
            LOG.warn("Closed a connection from {}: too many have not said yet who they are", where(accepted));
            accepted.close();
            return;
        }
        Thread.ofVirtual().name(name + "-" + accepted.getPort()).start(() -> greet(accepted));
    }

    /** Gives the place among those that wait back as soon as it is known who is there, or that nobody is. */
    private void greet(Socket accepted) {
        Semaphore place = new Semaphore(1);
        Runnable known = () -> {
            if (place.tryAcquire()) {
                waiting.release();
            }
        };
        try (accepted) {
            host.greet(accepted, known);
        } catch (IOException | RuntimeException e) {
            LOG.warn("Closed a connection from {}: {}", where(accepted), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            known.run();
        }
    }

    private static String where(Socket socket) {
        return String.valueOf(socket.getRemoteSocketAddress());
    }

    private static void rest() {
        try {
            Thread.sleep(AFTER_A_FAULT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
