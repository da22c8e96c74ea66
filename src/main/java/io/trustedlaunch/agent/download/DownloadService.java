package io.trustedlaunch.agent.download;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.migration.TlsConnection;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.session.SessionService;
import io.trustedlaunch.agent.session.Sessions;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.audit.AuditLog;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Sends disks of backups to the clients of VMBackupDownloads. A few at a time, each with one thread: the backups and restores of this
 * node's VMs have more.
 */
public final class DownloadService implements SessionService {
    static final int MOST = 4;

    private final Sessions<DownloadSession> sessions;
    private final Tools tools;
    private final Semaphore permits = new Semaphore(MOST);
    private volatile boolean closed;

    /**
     * What each download needs.
     *
     * @param limit for the request of a client, and for the last frame after what went wrong
     * @param silence how long a client may read nothing
     * @param watched notices within its interval that a download is to end
     * @param clock that nobody sets
     */
    @RecordBuilder
    public record Tools(
            SavedDisks disks,
            Duration limit,
            Duration silence,
            SupervisedWork watched,
            InstantSource clock,
            AuditLog audit) {}

    public DownloadService(Sessions<DownloadSession> sessions, Tools tools) {
        this.sessions = sessions;
        this.tools = tools;
    }

    @Override
    public boolean admits(String fingerprint) {
        return sessions.admits(fingerprint);
    }

    @Override
    public Optional<Client> client(String id, String fingerprint) {
        return sessions.find(id, fingerprint).map(session -> connection -> serve(connection, session));
    }

    private void serve(TlsConnection connection, DownloadSession session) throws IOException {
        Download download = new Download(session, connection, tools, () -> end(session));
        if (permits.tryAcquire()) {
            download.run(permits::release);
        } else {
            download.refuse(new Problem(
                    Reason.DownloadRefused,
                    "node " + session.node() + " serves " + MOST + " downloads already; try again when one has ended"));
        }
    }

    /** The envelope may have been sealed anew meanwhile: what was opened before stays valid. */
    private Optional<Problem> end(DownloadSession session) {
        if (closed) {
            return Optional.of(new Problem(Reason.AgentRestarted, "the agent on this node is shutting down"));
        }
        return sessions.find(session.id(), session.clientKey()).isPresent()
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.DownloadEnded,
                        "the session is over: VMBackupDownload " + session.name()
                                + " expired or was deleted; create another one"));
    }

    /** Each download looks at its session by itself. */
    @Override
    public void checkSessions() {}

    @Override
    public void close() {
        closed = true;
    }
}
