package io.trustedlaunch.agent.migration;

import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects that the other host of a migration is unreachable. libvirt would wait for half a minute, and QEMU for as long
 * as TCP retries, a quarter of an hour, without responding and with the guest paused during the switch-over.
 */
final class PeerKeepAlive implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerKeepAlive.class);
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final Migration migration;
    private final MigrationClient agent;
    private final Runnable onSilence;
    private final Thread thread;
    private volatile TlsConnection held;
    private volatile boolean closed;

    /** @param onSilence called repeatedly while the host is unreachable */
    PeerKeepAlive(Migration migration, MigrationClient agent, Runnable onSilence) {
        this.migration = migration;
        this.agent = agent;
        this.onSilence = onSilence;
        this.thread = Thread.ofVirtual().name("keepalive-" + migration.vm()).start(this::watch);
    }

    private void watch() {
        while (!closed) {
            holdUntilItBreaks();
            if (!closed && !MigrationClient.isReachable(migration.to()) && !closed) {
                onSilence.run();
            }
            pause();
        }
    }

    /** The end of the connection alone is no silence: the other agent may have died or refused. */
    private void holdUntilItBreaks() {
        try (TlsConnection connection = agent.send(
                migration.to(),
                new MigrationRequest(MigrationRequest.Kind.KEEPALIVE, migration.vm(), migration.epoch()))) {
            held = connection;
            connection.detectSilence();
            if (!closed) {
                connection.socket().getInputStream().read();
            }
        } catch (IOException e) {
            LOG.debug("VM {}: the keep-alive connection to {} ended: {}", migration.vm(), migration.to(), e.toString());
        }
    }

    private void pause() {
        try {
            if (!closed) {
                Thread.sleep(RETRY_DELAY);
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
