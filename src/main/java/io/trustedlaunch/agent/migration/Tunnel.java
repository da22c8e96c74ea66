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
 * The way from this host's libvirt to another's, for one move: a local socket that only root reaches, behind it the
 * other agent's door.
 */
final class Tunnel implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Tunnel.class);

    private final Migration move;
    private final MigrationClient agent;
    private final Path socket;
    private final ServerSocketChannel server;
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
    private volatile String refusal;

    private Tunnel(Migration move, MigrationClient agent, Path socket, ServerSocketChannel server) {
        this.move = move;
        this.agent = agent;
        this.socket = socket;
        this.server = server;
    }

    /** @param folder made if it is not there, root's alone */
    static Tunnel open(Path folder, Migration move, MigrationClient agent) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path socket = folder.resolve(move.vm() + "-" + move.epoch());
        Files.deleteIfExists(socket);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        Tunnel tunnel = new Tunnel(move, agent, socket, server);
        Thread.ofVirtual().name("tunnel-" + move.vm()).start(tunnel::accept);
        return tunnel;
    }

    /** For libvirt to connect to. */
    Path socket() {
        return socket;
    }

    boolean leadsTo(String address) {
        return move.to().address().equals(address);
    }

    /** Why the other agent let nobody through, or could not be reached. */
    Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** libvirt sees at once that it has lost the other host. */
    void cut() {
        refusal = "node " + move.to().nodeName() + " does not answer any more";
        close();
    }

    /** Also what goes through it: libvirt would wait for the other host to say good-bye. */
    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            LOG.debug("closing {}: {}", socket, e.getMessage());
        }
        for (Closeable connection : open) {
            try {
                connection.close();
            } catch (IOException e) {
                LOG.debug("cutting the way to {}: {}", move.to(), e.toString());
            }
        }
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel local = server.accept();
                Thread.ofVirtual().name("tunnel-" + move.vm()).start(() -> forward(local));
            } catch (IOException e) {
                LOG.debug("the way to {} is closed: {}", move.to(), e.toString());
                return;
            }
        }
    }

    private void forward(SocketChannel local) {
        try (local;
                TlsConnection remote = agent.ask(
                        move.to(), new MigrationRequest(MigrationRequest.Kind.FORWARD, move.vm(), move.epoch()))) {
            open.add(local);
            open.add(remote::close);
            Pump.join(Duplex.of(local), Duplex.of(remote));
        } catch (IOException | RuntimeException e) {
            refusal = "there is no way to the agent of " + move.to() + ": " + e.getMessage();
            LOG.warn("VM {}: {}", move.vm(), refusal);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
