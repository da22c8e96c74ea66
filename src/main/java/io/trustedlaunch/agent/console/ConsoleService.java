package io.trustedlaunch.agent.console;

import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.migration.TimeLimit;
import io.trustedlaunch.agent.migration.TlsConnection;
import io.trustedlaunch.agent.session.SessionService;
import io.trustedlaunch.agent.session.Sessions;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects the clients of VMConsoles with guests. Of two clients of a guest, the later one gets its console. */
public final class ConsoleService implements SessionService {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleService.class);

    private static final int MAX_CONNECTIONS = 32;

    private final Sessions<ConsoleSession> sessions;
    private final Consoles consoles;
    private final Duration limit;
    private final AuditLog audit;
    private final Semaphore permits = new Semaphore(MAX_CONNECTIONS);
    private final Map<UUID, ConsoleConnection> connections = new ConcurrentHashMap<>();

    /** Opens the console of a guest; see {@code Hypervisor}. */
    @FunctionalInterface
    public interface Consoles {
        GuestConsole open(UUID vm, long epoch);
    }

    /** @param limit for the reason that a client is refused with */
    public ConsoleService(Sessions<ConsoleSession> sessions, Consoles consoles, Duration limit, AuditLog audit) {
        this.sessions = sessions;
        this.consoles = consoles;
        this.limit = limit;
        this.audit = audit;
    }

    @Override
    public boolean admits(String fingerprint) {
        return sessions.admits(fingerprint);
    }

    @Override
    public Optional<Client> client(String id, String fingerprint) {
        return sessions.find(id, fingerprint).map(session -> connection -> admit(connection, session));
    }

    /** A session may by now name another incarnation of its VM, or another node. */
    @Override
    public void checkSessions() {
        connections.values().stream()
                .filter(connection -> !sessions.isValid(connection.session()))
                .forEach(connection -> connection.end(new Frame.Away("the session is no longer valid on this node")));
    }

    @Override
    public void close() {
        connections
                .values()
                .forEach(connection -> connection.end(new Frame.Away("the agent on this node is shutting down")));
    }

    private void admit(TlsConnection connection, ConsoleSession session) throws IOException, InterruptedException {
        if (!permits.tryAcquire()) {
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
