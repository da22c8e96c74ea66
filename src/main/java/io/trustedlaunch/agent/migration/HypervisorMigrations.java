package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationTarget;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.custody.NodeChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Migrates guests through this host's hypervisor and the migration servers of other agents. */
public final class HypervisorMigrations implements Migrations {
    private static final Logger LOG = LoggerFactory.getLogger(HypervisorMigrations.class);

    private final Hypervisor hypervisor;
    private final MigrationClient agent;
    private final Predicate<String> enrolled;
    private final Consumer<UUID> incoming;
    private final SeedDisc seeds;
    private final Path folder;
    private final BiConsumer<Migration, Migrations> gone;
    private final Consumer<UUID> ended;
    private final Map<UUID, Record> records = new ConcurrentHashMap<>();
    private final Map<UUID, Tunnel> tunnels = new ConcurrentHashMap<>();
    private final Map<Migration, TlsConnection> handoffs = new ConcurrentHashMap<>();
    /** Those whose target agent has confirmed that the guest has left here. */
    private final Set<Migration> confirmed = ConcurrentHashMap.newKeySet();

    private record Record(long epoch, Course course) {}

    /**
     * @param enrolled whether a node may be sent a guest
     * @param incoming closes the VM's connections from other hosts
     * @param folder for sockets, readable by root only
     * @param gone called as soon as a guest will never run here again; the guest is paused meanwhile
     * @param ended called with the VM when its migration has ended
     */
    public HypervisorMigrations(
            Hypervisor hypervisor,
            Supplier<Optional<NodeChannel>> channel,
            Predicate<String> enrolled,
            Consumer<UUID> incoming,
            SeedDisc seeds,
            Path folder,
            Duration limit,
            BiConsumer<Migration, Migrations> gone,
            Consumer<UUID> ended) {
        this.hypervisor = hypervisor;
        this.agent = new MigrationClient(channel, limit);
        this.enrolled = enrolled;
        this.incoming = incoming;
        this.seeds = seeds;
        this.folder = folder;
        this.gone = gone;
        this.ended = ended;
    }

    @Override
    public void begin(Migration migration, MigrationOptions options) {
        Record before = records.get(migration.vm());
        if (before != null && before.course() instanceof Course.Underway) {
            return;
        }
        records.put(migration.vm(), new Record(migration.epoch(), new Course.Underway()));
        // A platform thread: the native call occupies it for the whole migration.
        Thread.ofPlatform().daemon().name("migration-" + migration.vm()).start(() -> run(migration, options));
    }

    private void run(Migration migration, MigrationOptions options) {
        Course end;
        try {
            end = migrate(migration, options);
        } catch (RuntimeException e) {
            LOG.error("VM {}: the migration failed with an unexpected error", migration.vm(), e);
            end = new Course.Failed(
                    "the agent failed with an unexpected error; see the log of the agent on the source node");
        }
        LOG.info(
                "VM {}: migration as epoch {} to node {} ended: {}",
                migration.vm(),
                migration.epoch(),
                migration.to().nodeName(),
                end);
        records.put(migration.vm(), new Record(migration.epoch(), end));
        // This comes before the target is contacted: the API server must not wait where the target is unreachable.
        ended.accept(migration.vm());
        if (end instanceof Course.Gone) {
            reportGone(migration);
            ended.accept(migration.vm());
        }
        closeHandoff(migration);
    }

    private void reportGone(Migration migration) {
        try {
            gone.accept(migration, this);
        } catch (RuntimeException e) {
            LOG.error("VM {}: the handoff to the target failed with an unexpected error", migration.vm(), e);
        }
    }

    private Course migrate(Migration migration, MigrationOptions options) {
        String target = migration.to().nodeName();
        if (!enrolled.test(target)) {
            return new Course.Failed(target + " " + Enrolment.refusal(target));
        }
        try {
            Optional<byte[]> seed = seeds.read(migration.vm());
            if (seed.isPresent()) {
                agent.sendSeed(migration, seed.get());
            }
        } catch (IOException e) {
            return new Course.Failed(migration.to() + " did not accept the guest's answer CD: " + e.getMessage());
        }
        openHandoff(migration);
        return forward(migration, options);
    }

    /** Opened before the guest is paused. */
    private void openHandoff(Migration migration) {
        try {
            handoffs.put(
                    migration,
                    agent.send(
                            migration.to(),
                            new MigrationRequest(MigrationRequest.Kind.HANDOFF, migration.vm(), migration.epoch())));
        } catch (IOException e) {
            LOG.info("VM {}: cannot open the handoff connection: {}", migration.vm(), e.getMessage());
        }
    }

    private void closeHandoff(Migration migration) {
        TlsConnection handoff = handoffs.remove(migration);
        if (handoff != null) {
            handoff.close();
        }
    }

    private Course forward(Migration migration, MigrationOptions options) {
        try (Tunnel tunnel = Tunnel.open(folder, migration, agent);
                PeerKeepAlive keepAlive = new PeerKeepAlive(migration, agent, () -> giveUp(migration, tunnel))) {
            tunnels.put(migration.vm(), tunnel);
            try {
                hypervisor.migrate(
                        migration.vm(),
                        new MigrationTarget(
                                migration.epoch(),
                                migration.to().nodeName(),
                                migration.to().address(),
                                tunnel.socket()),
                        options);
                return new Course.Gone();
            } catch (HypervisorException e) {
                return new Course.Failed(tunnel.refusal().orElse(e.getMessage()));
            } finally {
                tunnels.remove(migration.vm());
            }
        } catch (IOException e) {
            return new Course.Failed("the agent cannot open a socket for libvirt in " + folder + ": " + e.getMessage());
        }
    }

    /** QEMU first: it does not answer libvirt while it waits for the other host. */
    private void giveUp(Migration migration, Tunnel tunnel) {
        LOG.warn("VM {}: cancelling the migration: {} does not respond", migration.vm(), migration.to());
        hypervisor.severMigration(migration.vm(), migration.to().address());
        tunnel.cut();
    }

    @Override
    public boolean isUnderwayTo(String address) {
        return tunnels.values().stream().anyMatch(tunnel -> tunnel.leadsTo(address));
    }

    @Override
    public Course course(UUID vm, long epoch) {
        return Optional.ofNullable(records.get(vm))
                .filter(record -> record.epoch() == epoch)
                .map(Record::course)
                .orElseGet(Course.Unknown::new);
    }

    @Override
    public void sendHome(Migration migration, List<HomeFile> files) throws IOException {
        agent.sendHome(migration, files);
    }

    @Override
    public void reportLeft(Migration migration) throws IOException {
        if (confirmed.contains(migration)) {
            return;
        }
        if (!isConfirmedOnHandoff(migration)) {
            agent.send(
                            migration.to(),
                            new MigrationRequest(MigrationRequest.Kind.LEFT, migration.vm(), migration.epoch()))
                    .close();
        }
        confirmed.add(migration);
    }

    @Override
    public void confirmTaken(Migration migration) throws IOException {
        agent.send(migration.to(), new MigrationRequest(MigrationRequest.Kind.TAKEN, migration.vm(), migration.epoch()))
                .close();
    }

    /** Uses the connection opened in advance; if that fails, the caller opens another. */
    private boolean isConfirmedOnHandoff(Migration migration) {
        try (TlsConnection handoff = handoffs.remove(migration)) {
            if (handoff == null) {
                return false;
            }
            agent.sendLeft(handoff);
            return true;
        } catch (IOException e) {
            LOG.info("VM {}: the handoff connection failed, trying a new one: {}", migration.vm(), e.getMessage());
            return false;
        }
    }

    @Override
    public void abortOutgoing(UUID vm) {
        Optional.ofNullable(tunnels.get(vm)).ifPresent(Tunnel::cut);
    }

    @Override
    public void abortIncoming(UUID vm) {
        incoming.accept(vm);
    }
}
