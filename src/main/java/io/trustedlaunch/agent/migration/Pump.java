package io.trustedlaunch.agent.migration;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies bytes between two connections until both directions have ended or one has failed. */
final class Pump {
    private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
    private static final int BUFFER = 64 * 1024;

    private Pump() {}

    /** Returns when both connections are closed. */
    static void join(Duplex one, Duplex other) throws InterruptedException {
        Thread back = Thread.ofVirtual().start(() -> copy(other, one));
        copy(one, other);
        back.join();
        close(one);
        close(other);
    }

    private static void copy(Duplex from, Duplex to) {
        byte[] buffer = new byte[BUFFER];
        try {
            for (int length = from.read(buffer); length >= 0; length = from.read(buffer)) {
                to.write(buffer, length);
            }
            to.endOutput();
        } catch (IOException e) {
            LOG.debug("A forwarded connection ended: {}", e.toString());
            close(from);
            close(to);
        }
    }

    private static void close(Duplex connection) {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("Cannot close a connection: {}", e.toString());
        }
    }
}
