package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.agent.migration.arrival.ArrivalExpectation;
import io.trustedlaunch.agent.migration.ports.FirewallException;
import io.trustedlaunch.agent.migration.ports.MigrationPorts;
import io.trustedlaunch.agent.migration.rpc.MigrationConversation;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.custody.NodeChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port for other agents, which bring a guest and report that it has left them. It leads to this host's libvirt, so
 * every node but the one that a guest is expected from gets a closed connection.
 */
public final class MigrationServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationServer.class);
    static final String LEFT = "left";

    private static final int MAX_CONNECTIONS = 64;

    private final Supplier<Optional<NodeChannel>> channel;
    private final Arrivals arrivals;
    private final ArrivingGuests guests;
    private final SeedDisc seeds;
    private final Supplier<Path> libvirt;
    private final MigrationPorts ports;
    private final Duration limit;
    private final Listener listener;
    private final Semaphore permits = new Semaphore(MAX_CONNECTIONS);
    /** Connections that stay open while a migration lasts. */
    private final Map<UUID, Set<TlsConnection>> open = new ConcurrentHashMap<>();

    /** The domains of guests that may arrive. */
    @FunctionalInterface
    public interface ArrivingGuests {
        /** Empty if no domain is known that is to arrive as that incarnation. */
        Optional<ArrivalExpectation> expected(UUID vm, long epoch);
    }

    /**
     * @param known addresses of nodes, which strangers cannot block
     * @param libvirt the socket of this host's libvirt
     * @param ports of this host's QEMU
     * @param limit for the handshake and the request
     */
    public MigrationServer(
            Predicate<InetAddress> known,
            Supplier<Optional<NodeChannel>> channel,
            Arrivals arrivals,
            ArrivingGuests guests,
            SeedDisc seeds,
            Supplier<Path> libvirt,
            MigrationPorts ports,
            Duration limit) {
        this.listener = new Listener("migration-server", "other nodes' agents", known, this::accept);
        this.seeds = seeds;
        this.channel = channel;
        this.arrivals = arrivals;
        this.guests = guests;
        this.libvirt = libvirt;
        this.ports = ports;
        this.limit = limit;
    }

    /** See {@link Listener#open}. */
    public void open(Supplier<Optional<InetAddress>> address, int port, Runnable opened) {
        // A process that was killed during a migration has left them open.
        ports.secure().ifPresent(problem -> LOG.error("Cannot close the migration ports: {}", problem));
        listener.open(address, port, opened);
    }

    /** The open port; empty while it is closed. */
    public OptionalInt port() {
        return listener.port();
    }

    /** Closes the VM's open connections. */
    public void abortIncoming(UUID vm) {
        Optional.ofNullable(open.remove(vm)).orElse(Set.of()).forEach(TlsConnection::close);
    }

    @Override
    public void close() {
        listener.close();
        open.keySet().forEach(this::abortIncoming);
    }

    private void accept(Socket accepted, Runnable authenticated) throws IOException, InterruptedException {
        PeerConnection peer = admit(accepted);
        boolean admitted = permits.tryAcquire();
        authenticated.run();
        if (!admitted) {
            send(peer.connection(), Optional.of("too many connections"));
            return;
        }
        try {
            serve(peer);
        } finally {
            permits.release();
        }
    }

    private record PeerConnection(TlsConnection connection, String nodeName, MigrationRequest request) {}

    private PeerConnection admit(Socket accepted) throws IOException {
        NodeChannel own = channel.get()
                .orElseThrow(() -> new IOException("this node has no certificate for connections between agents yet"));
        TlsConnection connection = TlsConnection.from(accepted, own.toAnyNode());
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            String nodeName =
                    connection.peer(own).orElseThrow(() -> new IOException("the certificate is not of a node's agent"));
            String line = Lines.read(connection.socket().getInputStream(), MigrationRequest.MAX_LENGTH);
            MigrationRequest request = MigrationRequest.parse(line)
                    .orElseThrow(() ->
                            new IOException("node " + nodeName + " sent a request that this agent does not support"));
            return new PeerConnection(connection, nodeName, request);
        }
    }

    private void serve(PeerConnection peer) throws IOException, InterruptedException {
        MigrationRequest request = peer.request();
        switch (request.kind()) {
            case LEFT -> respond(peer, arrivals.left(peer.nodeName(), request.vm(), request.epoch()));
            case TAKEN -> respond(peer, arrivals.taken(peer.nodeName(), request.vm(), request.epoch()));
            case HANDOFF -> awaitHandoff(peer);
            case KEEPALIVE -> keepAlive(peer);
            case SEED -> {
                if (respond(peer, refusal(peer))) {
                    receiveSeed(peer);
                }
            }
            case HOME -> receiveHome(peer);
            case FORWARD -> {
                Optional<String> refusal = refusal(peer);
                Optional<ArrivalExpectation> guest =
                        refusal.isPresent() ? Optional.empty() : guests.expected(request.vm(), request.epoch());
                if (guest.isPresent()) {
                    forward(peer, guest.get());
                } else {
                    respond(peer, refusal.or(() -> Optional.of("this node does not know the guest's domain yet")));
                }
            }
        }
    }

    /** Opened in advance: the guest is paused while "left" is on its way, and must not wait for a handshake. */
    private void awaitHandoff(PeerConnection peer) throws IOException {
        UUID vm = peer.request().vm();
        TlsConnection connection = peer.connection();
        enter(vm, connection);
        try {
            if (respond(peer, refusal(peer))
                    && Lines.read(connection.socket().getInputStream(), LEFT.length())
                            .equals(LEFT)) {
                Optional<String> refusal =
                        arrivals.left(peer.nodeName(), vm, peer.request().epoch());
                send(connection, refusal);
                LOG.info("Node {} reports that VM {} has left it", peer.nodeName(), vm);
            }
        } finally {
            leave(vm, connection);
        }
    }

    /** Ends when the other side closes, or becomes unreachable. */
    private void keepAlive(PeerConnection peer) throws IOException {
        UUID vm = peer.request().vm();
        TlsConnection connection = peer.connection();
        enter(vm, connection);
        try {
            // Not logged: a refused keep-alive is requested again every second.
            Optional<String> refusal = refusal(peer);
            send(connection, refusal);
            if (refusal.isEmpty()) {
                connection.detectSilence();
                connection.socket().getInputStream().read();
            }
        } finally {
            leave(vm, connection);
        }
    }

    private void receiveSeed(PeerConnection peer) throws IOException {
        TlsConnection connection = peer.connection();
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            seeds.place(
                    peer.request().vm(), SeedTransfer.read(connection.socket().getInputStream()));
            send(connection, Optional.empty());
        }
    }

    /** Checks before reading whether the home is expected; {@link Arrivals#home} checks again. */
    private void receiveHome(PeerConnection peer) throws IOException {
        MigrationRequest request = peer.request();
        TlsConnection connection = peer.connection();
        if (!respond(peer, arrivals.home(peer.nodeName(), request.vm(), request.epoch(), List.of()))) {
            return;
        }
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            List<HomeFile> files = HomeTransfer.read(connection.socket().getInputStream());
            send(connection, arrivals.home(peer.nodeName(), request.vm(), request.epoch(), files));
        }
    }

    /** The source's QEMU connects while its libvirt is connected, from the same host and so from the same address. */
    private void forward(PeerConnection peer, ArrivalExpectation guest) throws IOException, InterruptedException {
        InetAddress source = peer.connection().plain().getInetAddress();
        try (MigrationPorts.Opening opening = ports.openTo(source)) {
            relay(peer, guest);
        } catch (FirewallException e) {
            respond(
                    peer,
                    Optional.of("it cannot open its migration ports to " + source.getHostAddress() + ": "
                            + e.getMessage() + "; check nftables on it"));
        }
    }

    private void relay(PeerConnection peer, ArrivalExpectation guest) throws IOException, InterruptedException {
        UUID vm = peer.request().vm();
        TlsConnection connection = peer.connection();
        try (SocketChannel toLibvirt = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            toLibvirt.connect(UnixDomainSocketAddress.of(libvirt.get()));
            enter(vm, connection);
            // Checked again: it may have been aborted meanwhile.
            if (respond(peer, refusal(peer))) {
                new RpcRelay(
                                peer.nodeName(),
                                Duplex.of(connection),
                                Duplex.of(toLibvirt),
                                new MigrationConversation(guest))
                        .run();
            }
        } finally {
            leave(vm, connection);
        }
    }

    private void enter(UUID vm, TlsConnection connection) {
        open.computeIfAbsent(vm, key -> ConcurrentHashMap.newKeySet()).add(connection);
    }

    private void leave(UUID vm, TlsConnection connection) {
        open.computeIfPresent(vm, (key, connections) -> {
            connections.remove(connection);
            return connections.isEmpty() ? null : connections;
        });
    }

    private Optional<String> refusal(PeerConnection peer) {
        return arrivals.refusal(
                peer.nodeName(), peer.request().vm(), peer.request().epoch());
    }

    /** Returns whether the request is accepted. */
    private static boolean respond(PeerConnection peer, Optional<String> refusal) throws IOException {
        send(peer.connection(), refusal);
        log(peer, refusal);
        return refusal.isEmpty();
    }

    private static void send(TlsConnection connection, Optional<String> refusal) throws IOException {
        Lines.write(
                connection.socket().getOutputStream(),
                refusal.map(reason -> "no " + reason).orElse("ok"));
    }

    private static void log(PeerConnection peer, Optional<String> refusal) {
        MigrationRequest request = peer.request();
        if (refusal.isPresent()) {
            LOG.warn("Refused request \"{}\" of node {}: {}", request.line(), peer.nodeName(), refusal.get());
        } else {
            LOG.info("Accepted request \"{}\" of node {}", request.line(), peer.nodeName());
        }
    }
}
