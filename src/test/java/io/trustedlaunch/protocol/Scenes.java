package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.protocol.GuestLedger.Place;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * What takes several steps, each of which is rare: single events would hardly ever make it up. Whatever happened before stays,
 * and whatever comes next finds the cluster as a scene left it.
 */
final class Scenes {
    private static final Duration A_MOMENT = Duration.ofSeconds(10);

    /** Longer than another node's agent watches a beacon, and takes to start the VM. */
    private static final int ROUNDS_OF_A_FAILOVER = 20;

    private final ClusterUnderTest cluster;
    private final Random random;
    private final ProcessEvents processes;
    private int nights;

    Scenes(ClusterUnderTest cluster, Random random, ProcessEvents processes) {
        this.cluster = cluster;
        this.random = random;
        this.processes = processes;
    }

    /** @return what it concerned; empty: nothing happened */
    String play(Event event) {
        if (cluster.hosts.stream().filter(this::isWell).count() < 2) {
            return "";
        }
        // All nodes answer the leader.
        rounds(2);
        tell(event + " begins");
        String what = scene(event);
        cluster.hosts.forEach(host -> cluster.users.cordon(host, false));
        return what;
    }

    private String scene(Event event) {
        return switch (event) {
            case WORD_IS_HELD_BACK -> ofRunning(this::wordIsHeldBack);
            case WORD_ABOUT_A_TARGET_IS_HELD_BACK -> ofRunning(this::wordAboutATarget);
            case STATES_ARE_REMOVED_AFTER_A_FAILOVER -> ofRunning(this::statesAreRemoved);
            case DATA_AND_DISK_ARE_OF_ONE_NIGHT -> oneNight();
            case DATA_IS_OF_THE_DAYS_OF_A_REPAIR -> ofRunning(this::daysOfARepair);
            default -> clearedNodeDies();
        };
    }

    private boolean isWell(Host host) {
        return host.acts()
                && host.reach() == Host.Reach.ALL
                && host.agent().stream().noneMatch(AgentProcess::isCutOffFromApiServer)
                && !cluster.faults.isFenced(host);
    }

    private interface Scene {
        String play(Host host);
    }

    /** Of a VM that is well, where it runs. */
    private String ofRunning(Scene scene) {
        Optional<Host> host = cluster.runningOn().map(cluster::host).filter(this::isWell);
        return cluster.sharesFolder() && host.isPresent() && isAsRecorded(host.get())
                ? cluster.name() + " on " + host.get() + ", " + scene.play(host.get())
                : "";
    }

    private boolean isAsRecorded(Host host) {
        return cluster.vm()
                .map(TrustedLaunchVM::getStatus)
                .filter(status -> host.name().equals(status.nodeName()))
                .isPresent();
    }

    /** It is said to be dead, and its beacon moves. The VM is given away; then something else happens. */
    private String wordIsHeldBack(Host host) {
        cluster.ledger.work();
        cut(host);
        cluster.faults.lie(host, random.nextBoolean());
        roundsUntil(() -> isGivenAwayFrom(host));
        rounds(2);
        switch (random.nextInt(5)) {
            case 0 -> changeMachine();
            case 1 -> haltAndStart();
            case 2 -> cordonWaiting(host);
            case 3 -> giveWordAnew(host);
            default -> waitingNodeDies(host);
        }
        rounds(ROUNDS_OF_A_FAILOVER);
        return "to the end";
    }

    private void cut(Host host) {
        host.freeze(false);
        host.startAgent();
        host.reach(Host.Reach.STORAGE);
    }

    private boolean isGivenAwayFrom(Host host) {
        return cluster.vm()
                .map(TrustedLaunchVM::getStatus)
                .map(TrustedLaunchVMStatus::nodeName)
                .filter(node -> !node.equals(host.name()))
                .isPresent();
    }

    private void changeMachine() {
        tell("the machine of " + cluster.name() + " changes");
        cluster.users.edit(spec -> spec.cores(spec.cores() == 1 ? 2 : 1));
    }

    private void haltAndStart() {
        tell(cluster.name() + " is halted and started");
        cluster.users.changeStrategy(RunStrategy.Halted);
        rounds(4);
        cluster.users.changeStrategy(RunStrategy.Always);
    }

    private Optional<Host> waiting(Host other) {
        return cluster.vm()
                .map(TrustedLaunchVM::getStatus)
                .map(TrustedLaunchVMStatus::nodeName)
                .map(cluster::host)
                .filter(host -> host != other);
    }

    private void cordonWaiting(Host other) {
        tell("the node that waits is cordoned");
        waiting(other).ifPresent(host -> cluster.users.cordon(host, true));
    }

    private void waitingNodeDies(Host other) {
        // A failover before that would be one too many.
        cluster.pass(Duration.ofHours(1));
        rounds(2);
        tell("the node that waits dies");
        waiting(other).filter(Host::isOn).ifPresent(host -> cluster.faults.fence(host, random.nextBoolean()));
    }

    /** One renewal of its Lease gets through. */
    private void giveWordAnew(Host host) {
        tell(host + " is heard for a moment, and the word given anew");
        host.reach(Host.Reach.ALL);
        cluster.pass(Duration.ofSeconds(1));
        host.reach(Host.Reach.STORAGE);
        rounds(1);
        cluster.faults.withdraw(host);
        rounds(2);
        cluster.faults.lie(host, random.nextBoolean());
    }

    /** Its guest has moved and is handed over, and nobody heard of it. */
    private String wordAboutATarget(Host source) {
        List<Host> targets = cluster.hosts.stream()
                .filter(host -> host != source && isWell(host))
                .toList();
        if (targets.size() < 2) {
            return "no target";
        }
        Host target = targets.get(random.nextInt(targets.size()));
        cluster.users.requestMigration(target.name());
        roundsUntil(() -> isMoving() || cluster.runningOn().isEmpty());
        if (!isMoving() || target.hypervisor().find(cluster.identity()).isEmpty()) {
            return "does not move";
        }
        cut(source);
        cut(target);
        cluster.network.advance();
        cluster.network.advance();
        source.startAgent().migrations().learn();
        target.startAgent().act();
        target.startAgent().act();
        cluster.check();
        cluster.faults.fence(source, random.nextBoolean());
        cluster.faults.lie(target, random.nextBoolean());
        rounds(ROUNDS_OF_A_FAILOVER);
        return "moved to " + target + ", and both are said to be dead";
    }

    private boolean isMoving() {
        return cluster.network.underway().anyMatch(guest -> guest.vm().equals(cluster.identity()));
    }

    /** Somebody who reaches the storage turns the VM's TPM back while its host is dead, and a user does something. */
    private String statesAreRemoved(Host host) {
        for (int state = 0; state < 4; state++) {
            cluster.ledger.work();
            // The agent reports later states from time to time.
            rounds(2);
            cluster.pass(Duration.ofMinutes(1));
        }
        rounds(2);
        cluster.faults.fence(host, random.nextBoolean());
        tell("states are removed: " + cluster.faults.removeStates(host, cluster.identity()));
        rounds(ROUNDS_OF_A_FAILOVER);
        if (random.nextBoolean()) {
            changeMachine();
        } else {
            haltAndStart();
        }
        rounds(6);
        return "to the end";
    }

    /**
     * A new VM's first start is hindered, and its node is to be cleared.
     *
     * @return its node; empty: it runs
     */
    private Optional<Host> hinderFirstStart() {
        cluster.apply(ClusterUnderTest.anotherVm("night-" + ++nights, 1));
        cluster.turnTo("night-" + nights);
        cluster.hosts.forEach(host -> host.lackImage(true));
        roundsUntil(() -> incarnation().isPresent());
        rounds(2);
        cluster.hosts.forEach(host -> host.lackImage(false));
        Optional<Host> host =
                incarnation().map(one -> cluster.host(one.getSpec().nodeName()));
        host.ifPresent(one -> {
            cluster.users.cordon(one, true);
            changeMachine();
            for (int pass = 0; pass < 8 && !isToBeErased(); pass++) {
                processes.catchUp(one);
                processes.catchUp(cluster.leader());
            }
        });
        return host;
    }

    private boolean isToBeErased() {
        return incarnation()
                .filter(one -> one.getSpec().desiredState() == DesiredState.Erased)
                .isPresent();
    }

    private Optional<VMIncarnation> incarnation() {
        return cluster.incarnations().stream()
                .filter(one ->
                        one.getSpec().vmRef().uid().equals(cluster.identity().toString()))
                .findFirst();
    }

    /** Both are from the moment at which the node was to be cleared. */
    private String oneNight() {
        if (nights > 0 || !cluster.faults.areAllRegistered()) {
            return "";
        }
        Optional<Host> cleared = hinderFirstStart();
        if (cleared.isEmpty()) {
            return "no start";
        }
        FakeApiServer backup = cluster.server.snapshot();
        cluster.faults.saveDisk(cleared.get());
        roundsUntil(() -> cluster.runningOn().isPresent());
        rounds(2);
        cluster.faults.restore(backup);
        cluster.faults.setDiskBack(cleared.get());
        boolean isFirst = random.nextBoolean();
        for (int pass = 0; isFirst && pass < 6 && cleared.get().acts(); pass++) {
            processes.catchUp(cluster.leader());
            AgentProcess agent = cleared.get().startAgent();
            agent.look();
            processes.runs(cleared.get(), agent::act);
            cluster.check();
        }
        rounds(6);
        return cluster.name() + " was to be cleared from " + cleared.get();
    }

    /** The backup of the API server is from when it was proved dead; it is back since, and has the VM. */
    private String daysOfARepair(Host host) {
        cluster.faults.fence(host, random.nextBoolean());
        roundsUntil(() -> cluster.runningOn().isPresent());
        if (cluster.runningOn().isEmpty() || !cluster.faults.areAllRegistered()) {
            return "does not run elsewhere";
        }
        FakeApiServer backup = cluster.server.snapshot();
        cluster.faults.unfence(host);
        rounds(3);
        cluster.hosts.stream().filter(one -> one != host).forEach(one -> cluster.users.cordon(one, true));
        cluster.users.changeStrategy(RunStrategy.Halted);
        rounds(2);
        cluster.runningOn().map(cluster::host).ifPresent(one -> one.hypervisor().powerOff(cluster.identity()));
        rounds(3);
        cluster.users.changeStrategy(RunStrategy.Always);
        roundsUntil(() -> isOn(host));
        rounds(2);
        if (!isOn(host)) {
            return "does not come back";
        }
        // A failover before that would be one too many.
        cluster.pass(Duration.ofHours(1));
        rounds(2);
        cluster.faults.restore(backup);
        List<Host> others =
                cluster.hosts.stream().filter(one -> one != host && isWell(one)).toList();
        cluster.power.mustKeep(cluster.identity());
        for (int pass = 0; pass < 3; pass++) {
            processes.catchUp(cluster.leader());
            others.forEach(processes::catchUp);
            cluster.check();
        }
        answer(host, others);
        rounds(3);
        return "back since the backup";
    }

    /** It writes what it has, and more of its status seconds later. */
    private void answer(Host host, List<Host> others) {
        tell(host + " answers");
        AgentProcess agent = host.startAgent();
        agent.look();
        ProcessEvents.unlessUnreachable(() -> agent.report(cluster.leader().identity()));
        for (int pass = 0; pass < 8; pass++) {
            processes.catchUp(cluster.leader());
            cluster.check();
            if (pass > 3) {
                others.forEach(processes::catchUp);
            }
        }
        if (random.nextBoolean()) {
            agent.look();
            ProcessEvents.unlessUnreachable(() -> agent.report(cluster.leader().identity()));
            processes.catchUp(cluster.leader());
        }
        for (int pass = 0; pass < 3; pass++) {
            others.forEach(processes::catchUp);
            cluster.check();
            processes.catchUp(cluster.leader());
        }
    }

    private boolean isOn(Host host) {
        return cluster.ledger
                .now(cluster.identity())
                .map(Place::host)
                .filter(host::equals)
                .isPresent();
    }

    /** The node that is to be cleared before a first start elsewhere dies: nothing was on it that is needed. */
    private String clearedNodeDies() {
        if (nights > 1) {
            return "";
        }
        Optional<Host> cleared = hinderFirstStart();
        if (cleared.isEmpty()) {
            return "no start";
        }
        Host dead = cleared.get();
        // An earlier word, which is contradicted by now, must be withdrawn first, as its NodeFence says.
        boolean isNews = !cluster.faults.isFenced(dead);
        cluster.faults.fence(dead, random.nextBoolean());
        boolean others = cluster.hosts.stream().filter(host -> host != dead).allMatch(this::isWell);
        rounds(ROUNDS_OF_A_FAILOVER + 10);
        if (isNews && others && cluster.faults.isUntroubled()) {
            assertThat(cluster.runningOn())
                    .as(cluster.name() + ", whose first start is hindered on " + dead
                            + ", which is dead, runs elsewhere")
                    .isPresent();
        }
        return cluster.name() + " on " + dead;
    }

    private void tell(String what) {
        processes.tell("    " + what);
    }

    private void rounds(int count) {
        processes.allGoesWell(count, A_MOMENT);
    }

    private void roundsUntil(BooleanSupplier reached) {
        for (int round = 0; round < ROUNDS_OF_A_FAILOVER && !reached.getAsBoolean(); round++) {
            rounds(1);
        }
    }
}
