package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.custody.NodeChannel;
import java.io.IOException;
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
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where other agents come in: to bring a guest, and to say that it has left there. Behind it lies this host's libvirt,
 * so that whoever is not the node that a guest is awaited from gets no further than to a closed connection.
 */
public final class MigrationServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationServer.class);
    static final String LEFT = "left";

    private static final int MOST_WITHIN = 64;

    private final Supplier<Optional<NodeChannel>> channel;
    private final Arrivals arrivals;
    private final SeedDisc seeds;
    private final Supplier<Path> libvirt;
    private final Duration limit;
    private final Listener listener = new Listener("door", "other nodes' agents", this::greet);
    private final Semaphore within = new Semaphore(MOST_WITHIN);
    /** Those that stay for as long as a move lasts. */
    private final Map<UUID, Set<TlsConnection>> open = new ConcurrentHashMap<>();

    /**
     * @param libvirt the socket of this host's libvirt
     * @param limit until a connection has proved who it is and said what it wants
     */
    public MigrationServer(
            Supplier<Optional<NodeChannel>> channel,
            Arrivals arrivals,
            SeedDisc seeds,
            Supplier<Path> libvirt,
            Duration limit) {
        this.seeds = seeds;
        this.channel = channel;
        this.arrivals = arrivals;
        this.libvirt = libvirt;
        this.limit = limit;
    }

    /** Opens it at once, or as soon as the port is free. */
    public void open(int port) {
        listener.open(port);
    }

    /** Where it is open; empty: it is not. */
    public OptionalInt port() {
        return listener.port();
    }

    /** Cuts what is open for the VM. */
    public void cutOff(UUID vm) {
        Optional.ofNullable(open.remove(vm)).orElse(Set.of()).forEach(TlsConnection::close);
    }

    @Override
    public void close() {
        listener.close();
        open.keySet().forEach(this::cutOff);
    }

    /** Gives the place among those that wait back as soon as it is known who is there. */
    private void greet(Socket accepted, Runnable known) throws IOException, InterruptedException {
        Guest guest = admit(accepted);
        boolean inside = within.tryAcquire();
        known.run();
        if (!inside) {
            answer(guest.connection(), Optional.of("too many connections"));
            return;
        }
        try {
            serve(guest);
        } finally {
            within.release();
        }
    }

    private record Guest(TlsConnection connection, String nodeName, MigrationRequest request) {}

    private Guest admit(Socket accepted) throws IOException {
        NodeChannel own = channel.get()
                .orElseThrow(() -> new IOException("this node has no certificate for connections between agents yet"));
        TlsConnection connection = TlsConnection.from(accepted, own.toAnyNode());
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            String nodeName = connection.peer(own).orElseThrow(() -> new IOException("it is no node's agent"));
            String line = Lines.read(connection.socket().getInputStream(), MigrationRequest.LONGEST);
            MigrationRequest request = MigrationRequest.parse(line)
                    .orElseThrow(() -> new IOException("node " + nodeName + " asks for what this agent does not know"));
            return new Guest(connection, nodeName, request);
        }
    }

    private void serve(Guest guest) throws IOException, InterruptedException {
        MigrationRequest request = guest.request();
        switch (request.kind()) {
            case LEFT -> tell(guest, arrivals.left(guest.nodeName(), request.vm(), request.epoch()));
            case WORD -> awaitWord(guest);
            case LIFELINE -> holdLifeline(guest);
            case SEED -> {
                if (tell(guest, refusal(guest))) {
                    takeSeed(guest);
                }
            }
            case HOME -> takeHome(guest);
            case FORWARD -> {
                Optional<String> refusal = refusal(guest);
                if (refusal.isPresent()) {
                    tell(guest, refusal);
                } else {
                    forward(guest);
                }
            }
        }
    }

    /** A guest stands still while its word is on the way: it is not to wait for a handshake. */
    private void awaitWord(Guest guest) throws IOException {
        UUID vm = guest.request().vm();
        TlsConnection connection = guest.connection();
        enter(vm, connection);
        try {
            if (tell(guest, refusal(guest))
                    && Lines.read(connection.socket().getInputStream(), LEFT.length())
                            .equals(LEFT)) {
                Optional<String> disbelief =
                        arrivals.left(guest.nodeName(), vm, guest.request().epoch());
                answer(connection, disbelief);
                LOG.info("Node {} says that VM {} has left it", guest.nodeName(), vm);
            }
        } finally {
            leave(vm, connection);
        }
    }

    /** Ends when the other side does, or is out of reach. */
    private void holdLifeline(Guest guest) throws IOException {
        UUID vm = guest.request().vm();
        TlsConnection connection = guest.connection();
        enter(vm, connection);
        try {
            // Not logged: while it is refused it is asked for every second.
            Optional<String> refusal = refusal(guest);
            answer(connection, refusal);
            if (refusal.isEmpty()) {
                connection.noticeSilence();
                connection.socket().getInputStream().read();
            }
        } finally {
            leave(vm, connection);
        }
    }

    private void takeSeed(Guest guest) throws IOException {
        TlsConnection connection = guest.connection();
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            seeds.place(
                    guest.request().vm(), SeedTransfer.read(connection.socket().getInputStream()));
            answer(connection, Optional.empty());
        }
    }

    /** Whether it is awaited is asked before anything of it is read, and again by who keeps it. */
    private void takeHome(Guest guest) throws IOException {
        MigrationRequest request = guest.request();
        TlsConnection connection = guest.connection();
        if (!tell(guest, arrivals.home(guest.nodeName(), request.vm(), request.epoch(), List.of()))) {
            return;
        }
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            List<HomeFile> files = HomeTransfer.read(connection.socket().getInputStream());
            answer(connection, arrivals.home(guest.nodeName(), request.vm(), request.epoch(), files));
        }
    }

    private void forward(Guest guest) throws IOException, InterruptedException {
        UUID vm = guest.request().vm();
        TlsConnection connection = guest.connection();
        try (SocketChannel toLibvirt = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            toLibvirt.connect(UnixDomainSocketAddress.of(libvirt.get()));
            enter(vm, connection);
            // Asked again, since it may have been cut off meanwhile.
            if (tell(guest, refusal(guest))) {
                Pump.join(Duplex.of(connection), Duplex.of(toLibvirt));
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

    private Optional<String> refusal(Guest guest) {
        return arrivals.refusal(
                guest.nodeName(), guest.request().vm(), guest.request().epoch());
    }

    /** Returns whether it is granted. */
    private static boolean tell(Guest guest, Optional<String> refusal) throws IOException {
        answer(guest.connection(), refusal);
        log(guest, refusal);
        return refusal.isEmpty();
    }

    private static void answer(TlsConnection connection, Optional<String> refusal) throws IOException {
        Lines.write(
                connection.socket().getOutputStream(),
                refusal.map(why -> "no " + why).orElse("ok"));
    }

    private static void log(Guest guest, Optional<String> refusal) {
        MigrationRequest request = guest.request();
        if (refusal.isPresent()) {
            LOG.warn("Refused \"{}\" to node {}: {}", request.line(), guest.nodeName(), refusal.get());
        } else {
            LOG.info("Granted \"{}\" to node {}", request.line(), guest.nodeName());
        }
    }
}
