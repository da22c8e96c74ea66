package io.trustedlaunch.agent.session;

import io.trustedlaunch.agent.migration.TlsConnection;
import java.io.IOException;
import java.util.Optional;

/** Serves the sessions of one kind. */
public interface SessionService extends AutoCloseable {
    /** A client that has proved to have the key of a session. */
    @FunctionalInterface
    interface Client {
        /** Returns at the end; the connection is closed then. */
        void serve(TlsConnection connection) throws IOException, InterruptedException;
    }

    /** Whether there is a session with this key. */
    boolean admits(String fingerprint);

    /** Empty if there is no such session. */
    Optional<Client> client(String id, String fingerprint);

    /** Ends the connections whose session is no longer valid: called at every change, and now and then. */
    void checkSessions();

    /** Ends all connections. */
    @Override
    void close();
}
