package io.trustedlaunch.agent.metrics;

import io.trustedlaunch.agent.migration.Listener;
import io.trustedlaunch.agent.migration.TimeLimit;
import io.trustedlaunch.agent.migration.TlsConnection;
import io.trustedlaunch.custody.ClientAuthority;
import io.trustedlaunch.custody.NodeChannel;
import io.trustedlaunch.process.TextPages;
import io.trustedlaunch.process.TextPages.Text;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * The port for scrapers of metrics. Who has no certificate of the administrator's authority fails the handshake; other
 * nodes' agents, whose certificates are from the operator's, do too.
 */
public final class MetricsServer implements AutoCloseable {
    /** A scrape takes memory. */
    private static final int SCRAPERS = 4;

    private static final Duration LONGEST_SCRAPE = Duration.ofSeconds(30);

    private final Supplier<Optional<NodeChannel>> channel;
    private final Duration limit;
    private final TextPages pages;
    private final Semaphore permits = new Semaphore(SCRAPERS);
    private final Listener listener;
    private volatile Optional<Path> authority = Optional.empty();

    /** @param limit for the handshake of a connection */
    public MetricsServer(Supplier<Optional<NodeChannel>> channel, Supplier<String> scrape, Duration limit) {
        this.channel = channel;
        this.limit = limit;
        this.pages = new TextPages(Map.of("/metrics", () -> Text.ok(scrape.get())));
        this.listener = new Listener("metrics-server", "scrapers of metrics", address -> false, this::accept);
    }

    /**
     * See {@link Listener#open}.
     *
     * @param clientAuthority file with certificates in PEM; read for each connection, so that it can be replaced
     */
    public void open(Path clientAuthority, Supplier<Optional<InetAddress>> address, int port) {
        authority = Optional.of(clientAuthority);
        listener.open(address, port, () -> {});
    }

    /** The open port; empty while it is closed. */
    public OptionalInt port() {
        return listener.port();
    }

    @Override
    public void close() {
        listener.close();
    }

    private void accept(Socket accepted, Runnable authenticated) throws IOException {
        NodeChannel own = channel.get()
                .orElseThrow(() -> new IOException("this node has no certificate yet, so it serves no metrics"));
        TlsConnection connection = TlsConnection.from(accepted, own.toClientOf(authority(authority.orElseThrow())));
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            connection.socket().startHandshake();
        }
        if (!permits.tryAcquire()) {
            throw new IOException("too many scrapes at once");
        }
        authenticated.run();
        try (TimeLimit inTime = TimeLimit.on(connection, LONGEST_SCRAPE)) {
            pages.serve(
                    connection.socket().getInputStream(), connection.socket().getOutputStream());
            connection.socket().shutdownOutput();
        } finally {
            permits.release();
        }
    }

    private static ClientAuthority authority(Path file) throws IOException {
        try {
            return ClientAuthority.fromPem(Files.readString(file));
        } catch (IllegalArgumentException e) {
            throw new IOException("the file of --metrics-client-ca, " + file + ", " + e.getMessage(), e);
        }
    }
}
