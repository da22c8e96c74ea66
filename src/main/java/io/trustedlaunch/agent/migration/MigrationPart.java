package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.migration.ports.MigrationPorts;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.custody.NodeChannel;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Assembles what moves guests to other hosts, and receives theirs. */
public final class MigrationPart implements AutoCloseable {
    private final MigrationServer server;
    private final Migrations migrations;
    private final BooleanSupplier ready;

    /**
     * The hosts between which guests move.
     *
     * @param known whether a node has that address
     * @param enrolled whether guests may leave for that node, and arrive from it
     * @param channel of this node
     * @param ready whether this node has all that it needs to receive guests
     * @param limit for the handshake and the request of a connection
     */
    public record Peers(
            Predicate<InetAddress> known,
            Predicate<String> enrolled,
            Supplier<Optional<NodeChannel>> channel,
            BooleanSupplier ready,
            Duration limit) {}

    /**
     * The parts of incarnations that migrations use.
     *
     * @param gone a guest has left
     * @param ended a migration of that VM has ended
     */
    public record Guests(
            Arrivals arrivals,
            MigrationServer.ArrivingGuests arriving,
            BiConsumer<Migration, Migrations> gone,
            Consumer<UUID> ended) {}

    /** @param folder for files of migrations */
    public MigrationPart(
            Hypervisor hypervisor,
            Peers peers,
            Guests guests,
            SeedDisc seeds,
            Supplier<Path> libvirt,
            MigrationPorts ports,
            Path folder) {
        this.ready = peers.ready();
        this.server = new MigrationServer(
                peers.known(),
                peers.channel(),
                new EnrolledArrivals(guests.arrivals(), peers.enrolled()),
                guests.arriving(),
                seeds,
                libvirt,
                ports,
                peers.limit());
        this.migrations = new HypervisorMigrations(
                hypervisor,
                peers.channel(),
                peers.enrolled(),
                server::abortIncoming,
                seeds,
                folder,
                peers.limit(),
                guests.gone(),
                guests.ended());
    }

    public Migrations migrations() {
        return migrations;
    }

    /** @param opened runs once the port is open */
    public void start(Supplier<Optional<InetAddress>> address, int port, Runnable opened) {
        server.open(address, port, opened);
    }

    /** Empty while it is closed, or a certificate for migrations is missing. */
    public OptionalInt port() {
        return ready.getAsBoolean() ? server.port() : OptionalInt.empty();
    }

    @Override
    public void close() {
        server.close();
    }
}
