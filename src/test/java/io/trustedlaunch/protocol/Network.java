package io.trustedlaunch.protocol;

import io.trustedlaunch.agent.hypervisor.LiveMigration;
import io.trustedlaunch.agent.migration.Arrivals;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.agent.migration.Peer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The links between hosts, and the guests that move over them. */
final class Network {
    private final List<Host> hosts = new ArrayList<>();
    private final Set<Set<Host>> cut = new HashSet<>();
    private final List<Moving> moving = new ArrayList<>();

    private record Moving(LiveMigration guest, Host from, Host to) {}

    void add(Host host) {
        hosts.add(host);
    }

    void cut(Host one, Host other) {
        cut.add(Set.of(one, other));
        react();
    }

    void mend() {
        cut.clear();
    }

    /** The agent on the other host, if it can be reached. */
    Arrivals arrivals(Host from, Peer to) throws IOException {
        Host other = host(to.nodeName());
        Optional<AgentProcess> agent = connected(from, other) ? other.agent() : Optional.empty();
        return agent.orElseThrow(() -> new IOException(other.name() + " is not reached"))
                .arrivals();
    }

    LiveMigration migrate(Host from, Migration migration, boolean copiesDisks) throws IOException {
        Host to = host(migration.to().nodeName());
        if (!connected(from, to)) {
            throw new IOException("the link is down");
        }
        LiveMigration guest =
                new LiveMigration(from.hypervisor(), to.hypervisor(), migration.vm(), migration.epoch(), copiesDisks);
        moving.add(new Moving(guest, from, to));
        return guest;
    }

    Stream<LiveMigration> underway() {
        return List.copyOf(moving).stream().map(Moving::guest).filter(LiveMigration::isUnderway);
    }

    /** Each guest that moves gets one step further. */
    void advance() {
        underway().forEach(guest -> {
            if (guest.stage() == LiveMigration.Stage.COPYING) {
                guest.switchOver();
            } else {
                guest.leave();
            }
        });
        react();
    }

    /** Until the guest that moves has left its source. */
    void advanceUntilLeft() {
        LiveMigration guest = underway().findAny().orElseThrow();
        while (guest.stage() != LiveMigration.Stage.LEFT) {
            advance();
        }
    }

    /** After some time, targets have ended what did not arrive. */
    void finishFailing() {
        moving.stream()
                .map(Moving::guest)
                .filter(guest -> guest.stage() == LiveMigration.Stage.FAILING)
                .forEach(LiveMigration::finishFailing);
        forget();
    }

    private void forget() {
        moving.removeIf(one -> one.guest().isOver());
    }

    /** Migrations fail whose hosts have lost each other, or one of whose domains is gone. */
    void react() {
        moving.stream()
                .filter(one -> one.guest().isUnderway())
                .filter(one -> one.guest().isBroken() || !connected(one.from(), one.to()))
                .forEach(one -> one.guest().fail());
        forget();
    }

    /** The connection of a migration goes through both agents. */
    void breakMigrationsThrough(Host host) {
        moving.stream()
                .filter(one -> one.from() == host || one.to() == host)
                .filter(one -> one.guest().isUnderway())
                .forEach(one -> one.guest().fail());
    }

    private boolean connected(Host from, Host to) {
        return from.runs() && to.runs() && !cut.contains(Set.of(from, to));
    }

    Host host(String name) {
        return hosts.stream()
                .filter(host -> host.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
