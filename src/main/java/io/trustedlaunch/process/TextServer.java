package io.trustedlaunch.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
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

    private static final int LONGEST_REQUEST = 8192;
    private static final int BACKLOG = 1024;
    private static final Duration RETRY_DELAY = Duration.ofMillis(100);

    private final ServerSocket listening;
    private final Duration longestConnection;
    private final Map<String, Supplier<Text>> pages;
    private final OpenConnections connections;
    private final ScheduledThreadPoolExecutor deadlines;

    public record Text(int status, String content) {
        public static Text ok(String content) {
            return new Text(200, content);
        }
    }

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
        this.pages = Map.copyOf(pages);
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
                // For example for want of a file descriptor.
                pause();
            }
        }
    }

    private void serve(Socket connection) {
        // Closing it ends a read and a write that waits.
        Future<?> deadline = deadlines.schedule(
                () -> connections.close(connection), longestConnection.toMillis(), TimeUnit.MILLISECONDS);
        try {
            write(connection, answer(requestLine(connection.getInputStream())));
        } catch (IOException e) {
            LOG.debug("A connection ended: {}", e.getMessage());
        } finally {
            deadline.cancel(false);
            connections.close(connection);
        }
    }

    /** The whole head is read, since closing a connection with unread bytes would discard the answer. */
    private static String requestLine(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        byte[] read = new byte[1024];
        while (head.indexOf("\r\n\r\n") < 0) {
            int length = in.read(read);
            if (length < 0 || head.length() > LONGEST_REQUEST) {
                throw new IOException("no request");
            }
            head.append(new String(read, 0, length, US_ASCII));
        }
        return head.substring(0, head.indexOf("\r\n"));
    }

    private Text answer(String requestLine) {
        String[] words = requestLine.split(" ", -1);
        if (words.length != 3) {
            return new Text(400, "not an HTTP request\n");
        }
        if (!words[0].equals("GET")) {
            return new Text(405, "only GET is allowed\n");
        }
        Supplier<Text> page = pages.get(words[1].replaceFirst("\\?.*", ""));
        if (page == null) {
            return new Text(404, "not found\n");
        }
        try {
            return page.get();
        } catch (RuntimeException e) {
            LOG.error("Cannot answer {}", words[1], e);
            return new Text(500, "failed; see the log\n");
        }
    }

    private static void write(Socket connection, Text text) throws IOException {
        byte[] content = text.content().getBytes(UTF_8);
        String head = "HTTP/1.1 " + text.status() + " \r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
                + content.length + "\r\nConnection: close\r\n\r\n";
        connection.getOutputStream().write(head.getBytes(US_ASCII));
        connection.getOutputStream().write(content);
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_DELAY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
