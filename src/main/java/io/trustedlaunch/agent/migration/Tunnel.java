package io.trustedlaunch.agent.migration;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from this host's libvirt to another's, for one migration: a local socket for root only, forwarded to the other
 * agent's migration server.
 */
final class Tunnel implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Tunnel.class);

    private final Migration migration;
    private final MigrationClient agent;
    private final Path socket;
    private final ServerSocketChannel server;
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
    private volatile String refusal;

    private Tunnel(Migration migration, MigrationClient agent, Path socket, ServerSocketChannel server) {
        this.migration = migration;
        this.agent = agent;
        this.socket = socket;
        this.server = server;
    }

    /** @param folder created if missing, for root only */
    static Tunnel open(Path folder, Migration migration, MigrationClient agent) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path socket = folder.resolve(migration.vm() + "-" + migration.epoch());
        Files.deleteIfExists(socket);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        Tunnel tunnel = new Tunnel(migration, agent, socket, server);
        Thread.ofVirtual().name("tunnel-" + migration.vm()).start(tunnel::accept);
        return tunnel;
    }

    /** The socket that libvirt connects to. */
    Path socket() {
        return socket;
    }

    boolean leadsTo(String address) {
        return migration.to().address().equals(address);
    }

    /** Why the other agent refused, or could not be reached. */
    Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** Makes libvirt notice at once that the other host is lost. */
    void cut() {
        refusal = "node " + migration.to().nodeName() + " does not respond any more";
        close();
    }

    /** Closes the forwarded connections too: libvirt would wait for the other host to close them. */
    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            LOG.debug("Cannot close {}: {}", socket, e.getMessage());
        }
        for (Closeable connection : open) {
            try {
                connection.close();
            } catch (IOException e) {
                LOG.debug("Cannot close a connection to {}: {}", migration.to(), e.toString());
            }
        }
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel local = server.accept();
                Thread.ofVirtual().name("tunnel-" + migration.vm()).start(() -> forward(local));
            } catch (IOException e) {
                LOG.debug("The tunnel to {} is closed: {}", migration.to(), e.toString());
                return;
            }
        }
    }

    private void forward(SocketChannel local) {
        try (local;
                TlsConnection remote = agent.send(
                        migration.to(),
                        new MigrationRequest(MigrationRequest.Kind.FORWARD, migration.vm(), migration.epoch()))) {
            open.add(local);
            open.add(remote::close);
            Pump.join(Duplex.of(local), Duplex.of(remote));
        } catch (IOException | RuntimeException e) {
            refusal = "cannot connect to the agent of node " + migration.to() + ": " + e.getMessage();
            LOG.warn("VM {}: {}", migration.vm(), refusal);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
