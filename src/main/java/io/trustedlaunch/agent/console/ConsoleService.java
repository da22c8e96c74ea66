package io.trustedlaunch.agent.console;

import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.migration.TimeLimit;
import io.trustedlaunch.agent.migration.TlsConnection;
import io.trustedlaunch.agent.session.SessionService;
import io.trustedlaunch.agent.session.Sessions;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects the clients of VMConsoles with guests. Of two clients of a guest, the later one gets its serial console, and of two
 * users its screen, which a few connections of one user share: a viewer, and whatever sends a key or takes a picture beside it.
 */
public final class ConsoleService implements SessionService {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleService.class);

    private static final int MAX_CONNECTIONS = 32;
    private static final int SHARING_A_SCREEN = 3;

    private final Sessions<ConsoleSession> sessions;
    private final Consoles consoles;
    private final Duration limit;
    private final AuditLog audit;
    private final Semaphore permits = new Semaphore(MAX_CONNECTIONS);
    /** The oldest first. */
    private final List<ConsoleConnection> connections = new CopyOnWriteArrayList<>();

    /** Opens the console or the screen of a guest; see {@code Hypervisor}. */
    @FunctionalInterface
    public interface Consoles {
        GuestConsole open(ConsoleSession session);
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
        connections.stream()
                .filter(connection -> !sessions.isValid(connection.session()))
                .forEach(connection -> connection.end(new Frame.Away("the session is no longer valid on this node")));
    }

    @Override
    public void close() {
        connections.forEach(connection -> connection.end(new Frame.Away("the agent on this node is shutting down")));
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
        // First: opening a serial console ends the former one, which would then report another reason.
        endFormer(session);
        GuestConsole console;
        try {
            console = consoles.open(session);
        } catch (HypervisorException e) {
            refuse(connection, session, refusal(e));
            return;
        }
        ConsoleConnection opened = new ConsoleConnection(session, connection, console);
        synchronized (connections) {
            endFormer(session);
            connections.add(opened);
        }
        LOG.info("VM {}: console session {} started", session.vm(), session.name());
        audit.record(session.audited(Act.ConsoleOpened));
        try {
            // The session may have been withdrawn before this connection was registered.
            checkSessions();
            opened.run();
        } finally {
            connections.remove(opened);
            LOG.info("VM {}: console session {} ended", session.vm(), session.name());
            audit.record(session.audited(Act.ConsoleClosed));
        }
    }

    private void endFormer(ConsoleSession by) {
        List<ConsoleConnection> former = connections.stream()
                .filter(connection -> connection.session().isAtSameConsoleAs(by))
                .toList();
        List<ConsoleConnection> sharing = former.stream()
                .filter(connection -> connection.session().mayShareWith(by))
                .toList();
        List<ConsoleConnection> newest =
                sharing.subList(Math.max(0, sharing.size() - (SHARING_A_SCREEN - 1)), sharing.size());
        former.stream()
                .filter(connection -> !newest.contains(connection))
                .forEach(connection -> connection.end(new Frame.Ended("session " + by.name() + " took over the "
                        + (by.kind() == ConsoleKind.Screen ? "screen" : "console"))));
    }

    /** A guest that is not here may be elsewhere; its machine gets no screen by waiting. */
    private static Frame refusal(HypervisorException refused) {
        return refused.failure() instanceof HypervisorFailure.ScreenMissing
                ? new Frame.Ended(refused.getMessage())
                : new Frame.Away(refused.getMessage());
    }

    private void refuse(TlsConnection connection, ConsoleSession session, Frame reason) throws IOException {
        LOG.warn("VM {}: console session {} refused: {}", session.vm(), session.name(), reason);
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            Frames.write(connection.socket().getOutputStream(), reason);
        }
    }
}
