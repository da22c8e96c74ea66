package io.trustedlaunch.process;

import io.trustedlaunch.process.TextPages.Text;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves short texts by HTTP, to probes and scrapers: one request a connection. Anyone on the network may connect, so a
 * connection lasts for a short time only, and there are few at once.
 */
public final class TextServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TextServer.class);

    private static final int BACKLOG = 1024;
    private static final Duration RETRY_DELAY = Duration.ofMillis(100);

    private final ServerSocket listening;
    private final Duration longestConnection;
    private final TextPages pages;
    private final OpenConnections connections;
    private final ScheduledThreadPoolExecutor deadlines;

    /**
     * @param address with port 0: any that is free
     * @param connectionLimit open at once
     * @param longestConnection from its first byte to its last
     * @param pages by path
     */
    public TextServer(
            String name,
            InetSocketAddress address,
            int connectionLimit,
            Duration longestConnection,
            Map<String, Supplier<Text>> pages)
            throws IOException {
        this.longestConnection = longestConnection;
        this.pages = new TextPages(pages);
        connections = new OpenConnections(connectionLimit);
        deadlines = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name(name + "-deadlines").factory());
        deadlines.setRemoveOnCancelPolicy(true);
        listening = new ServerSocket();
        listening.setReuseAddress(true);
        listening.bind(address, BACKLOG);
        Thread.ofPlatform().daemon().name(name).start(this::accept);
    }

    public int port() {
        return listening.getLocalPort();
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listening.getLocalSocketAddress();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        connections.closeAll();
        deadlines.shutdownNow();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket connection = listening.accept();
                connections.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException e) {
                // File descriptors may have run out, for example.
                pause();
            }
        }
    }

    private void serve(Socket connection) {
        // Closing it ends a read and a write that waits.
        Future<?> deadline = deadlines.schedule(
                () -> connections.close(connection), longestConnection.toMillis(), TimeUnit.MILLISECONDS);
        try {
            pages.serve(connection.getInputStream(), connection.getOutputStream());
        } catch (IOException e) {
            LOG.debug("A connection ended: {}", e.getMessage());
        } finally {
            deadline.cancel(false);
            connections.close(connection);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_DELAY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
