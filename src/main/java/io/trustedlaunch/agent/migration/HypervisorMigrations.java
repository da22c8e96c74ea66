package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationTarget;
import io.trustedlaunch.agent.seed.SeedDisc;
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
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves guests through this host's hypervisor and the doors of other agents. */
public final class HypervisorMigrations implements Migrations {
    private static final Logger LOG = LoggerFactory.getLogger(HypervisorMigrations.class);

    private final Hypervisor hypervisor;
    private final MigrationClient agent;
    private final MigrationServer door;
    private final SeedDisc seeds;
    private final Path folder;
    private final BiConsumer<Migration, Migrations> gone;
    private final Consumer<UUID> news;
    private final Map<UUID, Known> known = new ConcurrentHashMap<>();
    private final Map<UUID, Tunnel> ways = new ConcurrentHashMap<>();
    private final Map<Migration, TlsConnection> words = new ConcurrentHashMap<>();
    /** What the other agent has said that it heard. */
    private final Set<Migration> heard = ConcurrentHashMap.newKeySet();

    private record Known(long epoch, Course course) {}

    /**
     * @param folder for sockets, root's alone
     * @param gone called as soon as a guest never runs here again, which stands still meanwhile
     * @param news hears of a VM whose move has ended
     */
    public HypervisorMigrations(
            Hypervisor hypervisor,
            Supplier<Optional<NodeChannel>> channel,
            MigrationServer door,
            SeedDisc seeds,
            Path folder,
            Duration limit,
            BiConsumer<Migration, Migrations> gone,
            Consumer<UUID> news) {
        this.hypervisor = hypervisor;
        this.agent = new MigrationClient(channel, limit);
        this.door = door;
        this.seeds = seeds;
        this.folder = folder;
        this.gone = gone;
        this.news = news;
    }

    @Override
    public void begin(Migration move, MigrationOptions manner) {
        Known before = known.get(move.vm());
        if (before != null && before.course() instanceof Course.Underway) {
            return;
        }
        known.put(move.vm(), new Known(move.epoch(), new Course.Underway()));
        // A call into native code holds its thread for as long as the move takes.
        Thread.ofPlatform().daemon().name("move-" + move.vm()).start(() -> run(move, manner));
    }

    private void run(Migration move, MigrationOptions manner) {
        Course end;
        try {
            end = migrate(move, manner);
        } catch (RuntimeException e) {
            LOG.error("VM {}: a fault of the agent's own while it moved", move.vm(), e);
            end = new Course.Failed("the agent met an error of its own, which its log has");
        }
        LOG.info(
                "VM {} as epoch {} to node {}: {}",
                move.vm(),
                move.epoch(),
                move.to().nodeName(),
                end);
        known.put(move.vm(), new Known(move.epoch(), end));
        // Before the other host is told: where that cannot be reached, the API server is to hear of it no later.
        news.accept(move.vm());
        if (end instanceof Course.Gone) {
            sayThatItIsGone(move);
            news.accept(move.vm());
        }
        closeWord(move);
    }

    private void sayThatItIsGone(Migration move) {
        try {
            gone.accept(move, this);
        } catch (RuntimeException e) {
            LOG.error("VM {}: a fault of the agent's own when it had left", move.vm(), e);
        }
    }

    private Course migrate(Migration move, MigrationOptions manner) {
        try {
            Optional<byte[]> seed = seeds.read(move.vm());
            if (seed.isPresent()) {
                agent.giveSeed(move, seed.get());
            }
        } catch (IOException e) {
            return new Course.Failed(move.to() + " did not take the guest's answer CD: " + e.getMessage());
        }
        openWord(move);
        return forward(move, manner);
    }

    /** Before the guest stands still. */
    private void openWord(Migration move) {
        try {
            words.put(
                    move,
                    agent.ask(move.to(), new MigrationRequest(MigrationRequest.Kind.WORD, move.vm(), move.epoch())));
        } catch (IOException e) {
            LOG.info("VM {}: no connection for the word that it has left: {}", move.vm(), e.getMessage());
        }
    }

    private void closeWord(Migration move) {
        TlsConnection word = words.remove(move);
        if (word != null) {
            word.close();
        }
    }

    private Course forward(Migration move, MigrationOptions manner) {
        try (Tunnel tunnel = Tunnel.open(folder, move, agent);
                PeerKeepAlive lifeline = new PeerKeepAlive(move, agent, () -> giveUp(move, tunnel))) {
            ways.put(move.vm(), tunnel);
            try {
                hypervisor.migrate(
                        move.vm(),
                        new MigrationTarget(
                                move.epoch(), move.to().nodeName(), move.to().address(), tunnel.socket()),
                        manner);
                return new Course.Gone();
            } catch (HypervisorException e) {
                return new Course.Failed(tunnel.refusal().orElse(e.getMessage()));
            } finally {
                ways.remove(move.vm());
            }
        } catch (IOException e) {
            return new Course.Failed("cannot open a socket for libvirt in " + folder + ": " + e.getMessage());
        }
    }

    /** QEMU first: it answers libvirt nothing while it waits for the other host. */
    private void giveUp(Migration move, Tunnel tunnel) {
        LOG.warn("VM {}: {} does not answer, and the guest is not moved there", move.vm(), move.to());
        hypervisor.severMigration(move.vm(), move.to().address());
        tunnel.cut();
    }

    @Override
    public boolean isUnderwayTo(String address) {
        return ways.values().stream().anyMatch(way -> way.leadsTo(address));
    }

    @Override
    public Course course(UUID vm, long epoch) {
        return Optional.ofNullable(known.get(vm))
                .filter(move -> move.epoch() == epoch)
                .map(Known::course)
                .orElseGet(Course.Unknown::new);
    }

    @Override
    public void giveHome(Migration move, List<HomeFile> files) throws IOException {
        agent.giveHome(move, files);
    }

    @Override
    public void tellLeft(Migration move) throws IOException {
        if (heard.contains(move)) {
            return;
        }
        if (!isHeardAtOnce(move)) {
            agent.ask(move.to(), new MigrationRequest(MigrationRequest.Kind.LEFT, move.vm(), move.epoch()))
                    .close();
        }
        heard.add(move);
    }

    /** On the connection that was opened for it before; where that does not work, there is another way. */
    private boolean isHeardAtOnce(Migration move) {
        try (TlsConnection word = words.remove(move)) {
            if (word == null) {
                return false;
            }
            agent.sayLeft(word);
            return true;
        } catch (IOException e) {
            LOG.info("VM {}: the other agent is told again: {}", move.vm(), e.getMessage());
            return false;
        }
    }

    @Override
    public void cutWay(UUID vm) {
        Optional.ofNullable(ways.get(vm)).ifPresent(Tunnel::cut);
    }

    @Override
    public void cutOff(UUID vm) {
        door.cutOff(vm);
    }
}
