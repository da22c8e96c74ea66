package io.trustedlaunch.agent.session;

import io.trustedlaunch.agent.migration.Listener;
import io.trustedlaunch.agent.migration.TimeLimit;
import io.trustedlaunch.agent.migration.TlsConnection;
import io.trustedlaunch.custody.NodeChannel;
import io.trustedlaunch.custody.SessionKey;
import io.trustedlaunch.process.PeriodicTasks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;

/**
 * The port for the clients of sessions. A client whose key is in no session fails the handshake. Sessions are checked again at
 * every change, and at an interval because they also expire.
 */
public final class SessionServer implements AutoCloseable {
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(5);

    private final Supplier<Optional<NodeChannel>> channel;
    private final List<SessionService> services;
    private final Duration limit;
    private final Listener listener =
            new Listener("session-server", "clients of consoles and downloads", address -> false, this::accept);
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("session-checks").factory());

    /**
     * @param services of different kinds of sessions
     * @param limit for the handshake of a connection
     */
    public SessionServer(
            Supplier<Optional<NodeChannel>> channel, List<? extends SessionService> services, Duration limit) {
        this.channel = channel;
        this.services = List.copyOf(services);
        this.limit = limit;
    }

    /** See {@link Listener#open}. */
    public void open(Supplier<Optional<InetAddress>> address, int port, Runnable opened) {
        listener.open(address, port, opened);
        PeriodicTasks.start(clock, CHECK_INTERVAL, CHECK_INTERVAL, this::checkSessions);
    }

    /** The open port; empty while it is closed. */
    public OptionalInt port() {
        return listener.port();
    }

    private void checkSessions() {
        services.forEach(SessionService::checkSessions);
    }

    @Override
    public void close() {
        listener.close();
        clock.shutdownNow();
        services.forEach(SessionService::close);
    }

    private void accept(Socket accepted, Runnable authenticated) throws IOException, InterruptedException {
        NodeChannel own = channel.get()
                .orElseThrow(() -> new IOException("this node has no certificate yet, so it accepts no clients"));
        TlsConnection connection = TlsConnection.from(accepted, own.toSession(this::admits));
        SessionService.Client client;
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            connection.socket().startHandshake();
            client = client(connection.socket().getSession())
                    .orElseThrow(() -> new IOException("the client's key is not that of the session it names"));
        }
        authenticated.run();
        client.serve(connection);
    }

    private boolean admits(String fingerprint) {
        return services.stream().anyMatch(service -> service.admits(fingerprint));
    }

    private Optional<SessionService.Client> client(SSLSession tls) {
        return SessionKey.named(tls).flatMap(id -> SessionKey.fingerprint(tls).flatMap(key -> client(id, key)));
    }

    private Optional<SessionService.Client> client(String id, String fingerprint) {
        return services.stream()
                .flatMap(service -> service.client(id, fingerprint).stream())
                .findFirst();
    }
}
