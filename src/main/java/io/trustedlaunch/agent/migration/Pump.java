package io.trustedlaunch.agent.migration;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries bytes between two connections, both ways, until both ways have ended or one has failed. */
final class Pump {
    private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
    private static final int BUFFER = 64 * 1024;

    private Pump() {}

    /** Returns when both are closed. */
    static void join(Duplex one, Duplex other) throws InterruptedException {
        Thread back = Thread.ofVirtual().start(() -> carry(other, one));
        carry(one, other);
        back.join();
        close(one);
        close(other);
    }

    private static void carry(Duplex from, Duplex to) {
        byte[] buffer = new byte[BUFFER];
        try {
            for (int length = from.read(buffer); length >= 0; length = from.read(buffer)) {
                to.write(buffer, length);
            }
            to.endOutput();
        } catch (IOException e) {
            LOG.debug("a forwarded connection ended: {}", e.toString());
            close(from);
            close(to);
        }
    }

    private static void close(Duplex connection) {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("closing: {}", e.toString());
        }
    }
}
