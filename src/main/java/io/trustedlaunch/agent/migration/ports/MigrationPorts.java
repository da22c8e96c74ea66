package io.trustedlaunch.agent.migration.ports;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * QEMU's migration ports of this host, which are open to the sources of guests that are arriving, and to no others. Each
 * change writes all rules, so that none depends on what was there before.
 */
public final class MigrationPorts {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationPorts.class);

    private final Firewall firewall;
    private final Lock lock = new ReentrantLock();
    /** An address once for each migration from it. */
    private final List<InetAddress> sources = new ArrayList<>();

    /** The ports are open to a source until this is closed. */
    public interface Opening extends AutoCloseable {
        @Override
        void close();
    }

    public MigrationPorts(Firewall firewall) {
        this.firewall = firewall;
    }

    /** @throws FirewallException if they may not be open to that address, or may be to others */
    public Opening openTo(InetAddress source) throws FirewallException {
        lock.lock();
        try {
            sources.add(source);
            try {
                write();
            } catch (FirewallException e) {
                sources.remove(source);
                throw e;
            }
        } finally {
            lock.unlock();
        }
        return () -> close(source);
    }

    /** Writes the rules again, since others may have removed them. Returns why that failed. */
    public Optional<String> secure() {
        lock.lock();
        try {
            write();
            return Optional.empty();
        } catch (FirewallException e) {
            return Optional.of(e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    private void close(InetAddress source) {
        lock.lock();
        try {
            sources.remove(source);
            write();
        } catch (FirewallException e) {
            LOG.error(
                    "Cannot close the migration ports to {}, trying again within a minute: {}",
                    source.getHostAddress(),
                    e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    private void write() throws FirewallException {
        firewall.admit(Set.copyOf(sources));
    }
}
