package io.trustedlaunch.agent.migration;

import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when the other host of a move is out of reach. libvirt waits for it for half a minute, and QEMU for as long as TCP
 * tries, a quarter of an hour: it answers nothing meanwhile, and if the guest is being handed over, that stands still.
 */
final class PeerKeepAlive implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerKeepAlive.class);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

    private final Migration move;
    private final MigrationClient agent;
    private final Runnable onSilence;
    private final Thread thread;
    private volatile TlsConnection held;
    private volatile boolean closed;

    /** @param onSilence called again and again for as long as the host is out of reach */
    PeerKeepAlive(Migration move, MigrationClient agent, Runnable onSilence) {
        this.move = move;
        this.agent = agent;
        this.onSilence = onSilence;
        this.thread = Thread.ofVirtual().name("lifeline-" + move.vm()).start(this::watch);
    }

    private void watch() {
        while (!closed) {
            holdUntilItBreaks();
            if (!closed && !MigrationClient.isInReach(move.to()) && !closed) {
                onSilence.run();
            }
            rest();
        }
    }

    /** An agent that dies breaks it too, and so does one that knows nothing of lifelines: that is no silence. */
    private void holdUntilItBreaks() {
        try (TlsConnection connection =
                agent.ask(move.to(), new MigrationRequest(MigrationRequest.Kind.LIFELINE, move.vm(), move.epoch()))) {
            held = connection;
            connection.noticeSilence();
            if (!closed) {
                connection.socket().getInputStream().read();
            }
        } catch (IOException e) {
            LOG.debug("VM {}: the lifeline to {} has ended: {}", move.vm(), move.to(), e.toString());
        }
    }

    private void rest() {
        try {
            if (!closed) {
                Thread.sleep(BETWEEN_TRIES);
            }
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        TlsConnection connection = held;
        if (connection != null) {
            connection.close();
        }
    }
}
