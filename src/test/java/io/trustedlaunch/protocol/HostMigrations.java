package io.trustedlaunch.protocol;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.LiveMigration;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.agent.migration.Migrations;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;

/** The migrations that one process of an agent has begun, and its messages to other agents. */
final class HostMigrations implements Migrations {
    private final Host host;
    private final Network network;
    private final BiConsumer<Migration, Migrations> onGone;
    private final Map<Key, Begun> begun = new HashMap<>();

    private record Key(UUID vm, long epoch) {
        static Key of(Migration migration) {
            return new Key(migration.vm(), migration.epoch());
        }
    }

    private record Begun(Migration migration, Optional<LiveMigration> guest, Course course) {}

    HostMigrations(Host host, Network network, BiConsumer<Migration, Migrations> onGone) {
        this.host = host;
        this.network = network;
        this.onGone = onGone;
    }

    @Override
    public void begin(Migration migration, MigrationOptions options) {
        try {
            throwIfRefused(
                    network.arrivals(host, migration.to()).refusal(host.name(), migration.vm(), migration.epoch()));
            LiveMigration guest = network.migrate(host, migration, options.copiesDisks());
            begun.put(Key.of(migration), new Begun(migration, Optional.of(guest), new Course.Underway()));
        } catch (HypervisorException | IOException e) {
            begun.put(Key.of(migration), new Begun(migration, Optional.empty(), new Course.Failed(e.getMessage())));
        }
    }

    /** The hypervisor reports how it ended; the agent reacts at once if the guest has left. */
    void learn() {
        List.copyOf(begun.values()).forEach(known -> {
            Optional<LiveMigration.Stage> stage = known.guest()
                    .filter(guest -> known.course() instanceof Course.Underway)
                    .map(LiveMigration::stage);
            if (stage.equals(Optional.of(LiveMigration.Stage.LEFT))) {
                put(known, new Course.Gone());
                onGone.accept(known.migration(), this);
            } else if (stage.equals(Optional.of(LiveMigration.Stage.FAILED))) {
                put(known, new Course.Failed("libvirt gave up"));
            }
        });
    }

    private void put(Begun known, Course course) {
        begun.put(Key.of(known.migration()), new Begun(known.migration(), known.guest(), course));
    }

    @Override
    public boolean isUnderwayTo(String address) {
        return false;
    }

    @Override
    public Course course(UUID vm, long epoch) {
        return Optional.ofNullable(begun.get(new Key(vm, epoch)))
                .map(Begun::course)
                .orElseGet(Course.Unknown::new);
    }

    @Override
    public void sendHome(Migration migration, List<HomeFile> files) throws IOException {
        throwIfRefused(
                network.arrivals(host, migration.to()).home(host.name(), migration.vm(), migration.epoch(), files));
    }

    @Override
    public void reportLeft(Migration migration) throws IOException {
        throwIfRefused(network.arrivals(host, migration.to()).left(host.name(), migration.vm(), migration.epoch()));
    }

    @Override
    public void confirmTaken(Migration migration) throws IOException {
        throwIfRefused(network.arrivals(host, migration.to()).taken(host.name(), migration.vm(), migration.epoch()));
    }

    @Override
    public void abortOutgoing(UUID vm) {
        network.underway().filter(guest -> guest.vm().equals(vm)).forEach(LiveMigration::fail);
    }

    @Override
    public void abortIncoming(UUID vm) {
        abortOutgoing(vm);
    }

    private static void throwIfRefused(Optional<String> refusal) throws IOException {
        if (refusal.isPresent()) {
            throw new IOException(refusal.get());
        }
    }
}
