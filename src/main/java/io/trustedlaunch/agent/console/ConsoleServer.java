package io.trustedlaunch.agent.console;

import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.migration.Listener;
import io.trustedlaunch.agent.migration.TimeLimit;
import io.trustedlaunch.agent.migration.TlsConnection;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import io.trustedlaunch.custody.NodeChannel;
import io.trustedlaunch.custody.SessionKey;
import io.trustedlaunch.periodic.Periodic;
import java.io.IOException;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where clients of consoles come in. Whose key no session names does not get through the handshake; it is looked at again
 * at every change of the sessions, and now and then, since a session ends by the clock, too.
 */
public final class ConsoleServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);

    private static final int MOST_WITHIN = 32;
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    private final Supplier<Optional<NodeChannel>> channel;
    private final Sessions sessions;
    private final Consoles consoles;
    private final Duration limit;
    private final Listener listener = new Listener("console-door", "clients of consoles", this::greet);
    private final Semaphore within = new Semaphore(MOST_WITHIN);
    private final Map<UUID, ConsoleConnection> visits = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("console-sessions").factory());

    /** Opens the console of a guest; see {@code Hypervisor}. */
    @FunctionalInterface
    public interface Consoles {
        GuestConsole open(UUID vm, long epoch);
    }

    /** @param limit until a connection has proved whose it is */
    public ConsoleServer(
            Supplier<Optional<NodeChannel>> channel, Sessions sessions, Consoles consoles, Duration limit) {
        this.channel = channel;
        this.sessions = sessions;
        this.consoles = consoles;
        this.limit = limit;
    }

    /** Opens it at once, or as soon as the port is free. */
    public void open(int port) {
        listener.open(port);
        Periodic.start(clock, BETWEEN_LOOKS, BETWEEN_LOOKS, this::lookAgain);
    }

    /** Where it is open; empty: it is not. */
    public OptionalInt port() {
        return listener.port();
    }

    /** Ends whatever stands on a session that is over. */
    public void lookAgain() {
        visits.values().stream()
                .filter(visit -> !stands(visit.session()))
                .forEach(visit -> visit.end(new Frame.Away("the session does not stand here any more")));
    }

    /** The same session may name another life of its VM, or another node, by now. */
    private boolean stands(ConsoleSession session) {
        return sessions.withKey(session.clientKey()).filter(session::equals).isPresent();
    }

    @Override
    public void close() {
        listener.close();
        clock.shutdownNow();
        visits.values().forEach(visit -> visit.end(new Frame.Away("the agent ends")));
    }

    private void greet(Socket accepted, Runnable known) throws IOException, InterruptedException {
        NodeChannel own = channel.get().orElseThrow(() -> new IOException("this node has no certificate yet"));
        TlsConnection connection = TlsConnection.from(
                accepted, own.toSession(key -> sessions.withKey(key).isPresent()));
        ConsoleSession session;
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            connection.socket().startHandshake();
            session = SessionKey.fingerprint(connection.socket().getSession())
                    .flatMap(sessions::withKey)
                    .orElseThrow(() -> new IOException("it has no key of a session"));
        }
        boolean inside = within.tryAcquire();
        known.run();
        if (!inside) {
            refuse(connection, session, new Frame.Ended("too many consoles are open on this node"));
            return;
        }
        try {
            serve(connection, session);
        } finally {
            within.release();
        }
    }

    private void serve(TlsConnection connection, ConsoleSession session) throws IOException, InterruptedException {
        Frame takenOver = new Frame.Ended("session " + session.name() + " took the console over");
        // Before its console ends under it, which would be told as another reason.
        Optional.ofNullable(visits.get(session.vm())).ifPresent(former -> former.end(takenOver));
        GuestConsole console;
        try {
            console = consoles.open(session.vm(), session.epoch());
        } catch (HypervisorException e) {
            refuse(connection, session, new Frame.Away(e.getMessage()));
            return;
        }
        ConsoleConnection visit = new ConsoleConnection(session, connection, console);
        Optional.ofNullable(visits.put(session.vm(), visit)).ifPresent(former -> former.end(takenOver));
        LOG.info("Console of VM {}: session {} begins", session.vm(), session.name());
        try {
            // It may have been taken back meanwhile, and nobody knew of this visit.
            lookAgain();
            visit.run();
        } finally {
            visits.remove(session.vm(), visit);
            LOG.info("Console of VM {}: session {} is over", session.vm(), session.name());
        }
    }

    private void refuse(TlsConnection connection, ConsoleSession session, Frame how) throws IOException {
        LOG.warn("Console of VM {}: session {} is not let in: {}", session.vm(), session.name(), how);
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            Frames.write(connection.socket().getOutputStream(), how);
        }
    }
}
