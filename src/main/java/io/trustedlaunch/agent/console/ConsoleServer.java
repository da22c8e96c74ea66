package io.trustedlaunch.agent.console;

import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.migration.Listener;
import io.trustedlaunch.agent.migration.TimeLimit;
import io.trustedlaunch.agent.migration.TlsConnection;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import io.trustedlaunch.custody.NodeChannel;
import io.trustedlaunch.custody.SessionKey;
import io.trustedlaunch.process.PeriodicTasks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port for console clients. A client whose key is in no session fails the handshake. Sessions are checked again at
 * every change, and at an interval because they also expire.
 */
public final class ConsoleServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);

    private static final int MAX_CONNECTIONS = 32;
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(5);

    private final Supplier<Optional<NodeChannel>> channel;
    private final Sessions sessions;
    private final Consoles consoles;
    private final Duration limit;
    private final AuditLog audit;
    private final Listener listener = new Listener("console-server", "console clients", address -> false, this::accept);
    private final Semaphore permits = new Semaphore(MAX_CONNECTIONS);
    private final Map<UUID, ConsoleConnection> connections = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("console-sessions").factory());

    /** Opens the console of a guest; see {@code Hypervisor}. */
    @FunctionalInterface
    public interface Consoles {
        GuestConsole open(UUID vm, long epoch);
    }

    /** @param limit for the handshake of a connection */
    public ConsoleServer(
            Supplier<Optional<NodeChannel>> channel,
            Sessions sessions,
            Consoles consoles,
            Duration limit,
            AuditLog audit) {
        this.channel = channel;
        this.sessions = sessions;
        this.consoles = consoles;
        this.limit = limit;
        this.audit = audit;
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

    /** Ends the connections whose session is no longer valid. */
    public void checkSessions() {
        connections.values().stream()
                .filter(connection -> !isValid(connection.session()))
                .forEach(connection -> connection.end(new Frame.Away("the session is no longer valid on this node")));
    }

    /** The session may by now name another incarnation of its VM, or another node. */
    private boolean isValid(ConsoleSession session) {
        return sessions.find(session.id(), session.clientKey())
                .filter(session::equals)
                .isPresent();
    }

    @Override
    public void close() {
        listener.close();
        clock.shutdownNow();
        connections
                .values()
                .forEach(connection -> connection.end(new Frame.Away("the agent on this node is shutting down")));
    }

    private void accept(Socket accepted, Runnable authenticated) throws IOException, InterruptedException {
        NodeChannel own = channel.get()
                .orElseThrow(
                        () -> new IOException("this node has no certificate yet, so it accepts no console clients"));
        TlsConnection connection = TlsConnection.from(accepted, own.toSession(sessions::admits));
        ConsoleSession session;
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            connection.socket().startHandshake();
            session = session(connection.socket().getSession())
                    .orElseThrow(() -> new IOException("the client's key is not that of the console session it names"));
        }
        boolean admitted = permits.tryAcquire();
        authenticated.run();
        if (!admitted) {
            refuse(
                    connection,
                    session,
                    new Frame.Ended("this node has too many open consoles; close one, or try again later"));
            return;
        }
        try {
            serve(connection, session);
        } finally {
            permits.release();
        }
    }

    private Optional<ConsoleSession> session(SSLSession tls) {
        return SessionKey.named(tls).flatMap(id -> SessionKey.fingerprint(tls).flatMap(key -> sessions.find(id, key)));
    }

    private void serve(TlsConnection connection, ConsoleSession session) throws IOException, InterruptedException {
        Frame takenOver = new Frame.Ended("session " + session.name() + " took over the console");
        // First: opening the console ends the former one, which would then report another reason.
        Optional.ofNullable(connections.get(session.vm())).ifPresent(former -> former.end(takenOver));
        GuestConsole console;
        try {
            console = consoles.open(session.vm(), session.epoch());
        } catch (HypervisorException e) {
            refuse(connection, session, new Frame.Away(e.getMessage()));
            return;
        }
        ConsoleConnection opened = new ConsoleConnection(session, connection, console);
        Optional.ofNullable(connections.put(session.vm(), opened)).ifPresent(former -> former.end(takenOver));
        LOG.info("VM {}: console session {} started", session.vm(), session.name());
        audit.record(session.audited(Act.ConsoleOpened));
        try {
            // The session may have been withdrawn before this connection was registered.
            checkSessions();
            opened.run();
        } finally {
            connections.remove(session.vm(), opened);
            LOG.info("VM {}: console session {} ended", session.vm(), session.name());
            audit.record(session.audited(Act.ConsoleClosed));
        }
    }

    private void refuse(TlsConnection connection, ConsoleSession session, Frame reason) throws IOException {
        LOG.warn("VM {}: console session {} refused: {}", session.vm(), session.name(), reason);
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            Frames.write(connection.socket().getOutputStream(), reason);
        }
    }
}
