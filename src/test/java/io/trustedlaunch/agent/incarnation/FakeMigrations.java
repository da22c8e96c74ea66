package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationTarget;
import io.trustedlaunch.agent.migration.Arrivals;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.agent.migration.Migrations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;

/** Migrates guests between fake hypervisors, at once. */
final class FakeMigrations implements Migrations {
    /** Migrations are begun and never end, until {@link #fail}. */
    boolean hanging;

    /** Guests leave, and this process does not notice. */
    boolean unnoticed;

    boolean linkDown;

    /** The other agent is not reached any more once a migration has begun. */
    boolean messagesLost;

    /** Where the migration of another VM goes meanwhile. */
    String addressOfAnother = "";

    private final String node;
    private final FakeHypervisor hypervisor;
    private final Map<String, Arrivals> others = new HashMap<>();
    private final Map<Long, Course> courses = new HashMap<>();
    private BiConsumer<Migration, Migrations> onGone = (migration, migrations) -> {};
    private int begun;

    FakeMigrations(String node, FakeHypervisor hypervisor) {
        this.node = node;
        this.hypervisor = hypervisor;
    }

    void connect(String otherNode, Arrivals arrivals) {
        others.put(otherNode, arrivals);
    }

    /** The agent reacts like this as soon as a guest has left. */
    void onGone(BiConsumer<Migration, Migrations> act) {
        onGone = act;
    }

    /** Migrations that are under way fail, and their guests stay. */
    void fail(String why) {
        courses.replaceAll((epoch, course) -> course instanceof Course.Underway ? new Course.Failed(why) : course);
    }

    /** The process ends, and its knowledge with it. */
    void forget() {
        courses.clear();
    }

    int begun() {
        return begun;
    }

    @Override
    public void begin(Migration migration, MigrationOptions options) {
        begun++;
        courses.put(migration.epoch(), new Course.Underway());
        if (hanging) {
            return;
        }
        try {
            throwIfUnreachable(false);
            throwIfRefused(to(migration).refusal(node, migration.vm(), migration.epoch()));
            String address = migration.to().address();
            hypervisor.migrate(
                    migration.vm(),
                    new MigrationTarget(
                            migration.epoch(), migration.to().nodeName(), address, Path.of("/run/no-such-socket")),
                    options);
        } catch (HypervisorException | IOException e) {
            courses.put(migration.epoch(), new Course.Failed(e.getMessage()));
            return;
        }
        if (!unnoticed) {
            courses.put(migration.epoch(), new Course.Gone());
            onGone.accept(migration, this);
        }
    }

    @Override
    public boolean isUnderwayTo(String address) {
        return address.equals(addressOfAnother);
    }

    @Override
    public Course course(UUID vm, long epoch) {
        return courses.getOrDefault(epoch, new Course.Unknown());
    }

    @Override
    public void sendHome(Migration migration, List<HomeFile> files) throws IOException {
        throwIfUnreachable(messagesLost && begun > 0);
        throwIfRefused(to(migration).home(node, migration.vm(), migration.epoch(), files));
    }

    @Override
    public void reportLeft(Migration migration) throws IOException {
        throwIfUnreachable(messagesLost);
        throwIfRefused(to(migration).left(node, migration.vm(), migration.epoch()));
    }

    @Override
    public void confirmTaken(Migration migration) throws IOException {
        throwIfUnreachable(messagesLost);
        throwIfRefused(to(migration).taken(node, migration.vm(), migration.epoch()));
    }

    @Override
    public void abortOutgoing(UUID vm) {
        fail("its connection was closed");
    }

    @Override
    public void abortIncoming(UUID vm) {}

    private Arrivals to(Migration migration) {
        return others.get(migration.to().nodeName());
    }

    private void throwIfUnreachable(boolean lost) throws IOException {
        if (linkDown || lost) {
            throw new IOException("the link is down");
        }
    }

    private static void throwIfRefused(Optional<String> refusal) throws IOException {
        if (refusal.isPresent()) {
            throw new IOException(refusal.get());
        }
    }
}
