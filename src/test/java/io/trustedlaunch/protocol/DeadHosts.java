package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What the product promises while hosts are dead, and proved so in truth: a VM whose home is shared comes up on a living
 * one, or its status says what a person has to do. No host comes back before that.
 */
final class DeadHosts {
    private static final int MOST_FAILPOINTS = 14;

    /** Longer than another node's agent watches a beacon. */
    private static final int ROUNDS_OF_A_FAILOVER = 8;

    /** {@code kubectl tlvm restart} overrules them. */
    private static final Set<String> RESTARTED_BY_A_PERSON =
            Set.of(Reason.FailoverRepeated.name(), Reason.GuestStateLagUnknown.name());

    /** What the API server loses of the VM while its host is dead. */
    private enum Loss {
        NOTHING,
        STATUS,
        ALL_STATUSES,
        /** It has a backup from before the VM's first start. */
        RESTORED
    }

    private final ClusterUnderTest cluster;
    private final Random random;
    private final Consumer<String> story;

    DeadHosts(ClusterUnderTest cluster, Random random, Consumer<String> story) {
        this.cluster = cluster;
        this.random = random;
        this.story = story;
    }

    /** Those that are off stay off, and all else is mended. */
    void failOver() {
        if (!cluster.sharesFolder() || cluster.hosts.stream().allMatch(Host::isOn)) {
            return;
        }
        cluster.faults.healTheLiving();
        List<Host> dead = cluster.hosts.stream().filter(host -> !host.isOn()).toList();
        story.accept("dead hosts stay dead: " + dead);
        cluster.forEachVm(() -> cluster.users.changeStrategy(RunStrategy.Always));
        cluster.settle();
        cluster.forEachVm(this::assertRunsOrWaits);
    }

    /** One whose deletion was under way is gone by now, or is awaited. */
    private void assertRunsOrWaits() {
        if (cluster.vm().filter(vm -> !vm.isMarkedForDeletion()).isEmpty()) {
            return;
        }
        doWhatAPersonHasTo();
        boolean isExcused = cluster.faults.wasRestored()
                || cluster.faults.lostAStatus()
                || cluster.faults.wereSetBack()
                || cluster.faults.wereStatesRemoved()
                || !isSharingKnown()
                || !cluster.faults.areAllRegistered();
        if (cluster.runningOn().isEmpty() && !isExcused) {
            // Operators that lead undisputed have a Lease of their own, whose mark no agent remembers.
            assertThat(ready().getReason()).as(ready().getMessage()).isEqualTo(Reason.AwaitingInventory.name());
        }
    }

    /** A host that came back beside dead ones cannot tell whether it shares their folder. */
    private boolean isSharingKnown() {
        Set<String> all = cluster.hosts.stream().map(Host::name).collect(Collectors.toSet());
        return cluster.server
                .find(StorageLocation.class, "default")
                .map(StorageLocation::getStatus)
                .filter(status -> status.groups().stream()
                        .anyMatch(group -> group.nodeNames().containsAll(all)))
                .isPresent();
    }

    /**
     * All is well, and the host of the VM dies: perhaps while it starts the VM, while the operator that leads dies as well, or
     * while the API server loses what it knew. Not of one whose key is lost, which would never start again.
     *
     * @return whether there was one
     */
    boolean loseOneMore() {
        if (cluster.runningOn().isEmpty() || new Remedies(cluster).isKeyLost()) {
            return false;
        }
        cluster.operators.shareLease();
        // A failover before that would be one too many.
        cluster.pass(Duration.ofHours(1));
        cluster.rounds(3);
        FakeApiServer backup = beforeTheFirstStart();
        cluster.rounds(2);
        boolean comesBack = random.nextInt(4) == 0;
        if (comesBack || random.nextBoolean()) {
            startAgain();
        } else {
            cluster.ledger.work();
        }
        Host dead = cluster.host(cluster.status().nodeName());
        cluster.faults.fence(dead, random.nextBoolean());
        story.accept(dead + " dies");
        if (comesBack) {
            comesBackAndHangs(dead);
            return true;
        }
        if (random.nextBoolean()) {
            story.accept("another operator leads");
            cluster.operators.newLeader();
        }
        Loss loss = random.nextBoolean() ? Loss.NOTHING : Loss.values()[random.nextInt(Loss.values().length)];
        lose(loss, backup);
        cluster.settle();
        doWhatAPersonHasTo();
        assertFailedOver(dead, loss);
        return true;
    }

    private FakeApiServer beforeTheFirstStart() {
        FakeApiServer backup = cluster.server.snapshot();
        backup.loseStatus(cluster.vm().orElseThrow());
        backup.seen(VMIncarnation.class).filter(this::isOfVm).forEach(backup::remove);
        return backup;
    }

    /** An incarnation is made, and its agent dies at any moment of its start. */
    private void startAgain() {
        UUID vm = cluster.identity();
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        cluster.ledger.running(vm).forEach(place -> place.host().hypervisor().powerOff(vm));
        cluster.settle();
        long before = cluster.status().epoch();
        cluster.users.changeStrategy(RunStrategy.Always);
        for (int pass = 0; pass < 10 && !hasIncarnationAfter(before); pass++) {
            cluster.operate();
        }
        Host host = cluster.host(cluster.status().nodeName());
        int[] left = {1 + random.nextInt(MOST_FAILPOINTS)};
        AgentProcess agent = host.startAgent();
        agent.atFailpoint(point -> {
            if (--left[0] == 0) {
                throw new Died(point.id());
            }
        });
        try {
            agent.look();
            agent.act();
            agent.atFailpoint(point -> {});
        } catch (Died died) {
            story.accept(host + ": agent died at " + died.getMessage());
            host.killAgent();
        }
        cluster.check();
    }

    private boolean hasIncarnationAfter(long epoch) {
        return cluster.incarnations().stream()
                .filter(this::isOfVm)
                .anyMatch(one -> one.getSpec().epoch() > epoch);
    }

    /**
     * Once it is proved dead, and before its VM is given away, it is switched on. Its agent hears the operator before it has
     * reported its host, hangs with it before a guest runs, and goes on when another node has had the time to start the VM.
     */
    private void comesBackAndHangs(Host dead) {
        cluster.operate();
        for (int round = 0; round < 10 && !cluster.faults.isProvedDead(dead); round++) {
            cluster.hosts.forEach(cluster::act);
            cluster.pass(ClusterUnderTest.A_WHILE);
            cluster.operate();
        }
        story.accept(dead + " comes back in another boot");
        dead.powerOn();
        AgentProcess agent = dead.startAgent();
        agent.look();
        cluster.pass(Duration.ofSeconds(1));
        agent.atFailpoint(point -> {
            if (point == Failpoint.AGENT_OWNERSHIP_READ) {
                story.accept(dead + " hangs at " + point.id());
                dead.freeze(true);
                cluster.rounds(ROUNDS_OF_A_FAILOVER);
                dead.freeze(false);
            }
        });
        agent.look();
        agent.act();
        agent.atFailpoint(point -> {});
        cluster.check();
    }

    private boolean isOfVm(VMIncarnation incarnation) {
        return incarnation.getSpec().vmRef().uid().equals(cluster.identity().toString());
    }

    private void lose(Loss loss, FakeApiServer backup) {
        story.accept("lost: " + loss);
        switch (loss) {
            case NOTHING -> {}
            case STATUS -> cluster.faults.loseStatus(cluster.vm().orElseThrow());
            case ALL_STATUSES -> {
                cluster.faults.loseStatus(cluster.vm().orElseThrow());
                cluster.incarnations().stream().filter(this::isOfVm).forEach(cluster.faults::loseStatus);
            }
            case RESTORED -> {
                Host dead = cluster.hosts.stream()
                        .filter(host -> !host.isOn())
                        .findFirst()
                        .orElseThrow();
                cluster.faults.restore(backup);
                cluster.faults.sayAgain(dead);
            }
        }
    }

    /** What the VM's status asks a person for, other than to bring the host back. */
    private void doWhatAPersonHasTo() {
        if (cluster.runningOn().isPresent()) {
            return;
        }
        String reason = ready().getReason();
        if (RESTARTED_BY_A_PERSON.contains(reason)) {
            cluster.server.setAnnotations(
                    cluster.vm().orElseThrow(),
                    Map.of(Api.RESTARTED_AT, cluster.clock.instant().toString()));
        } else if (reason.equals(Reason.GuestStateNotApproved.name())) {
            // That it was carried out was in the status that was lost.
            cluster.users.edit(spec -> spec.approveGuestState(null));
        } else {
            return;
        }
        story.accept("a person does something about " + reason);
        cluster.settle();
    }

    /** By a host that had another TPM of the VM before its data was restored: it takes no guest with this one. */
    private boolean anotherTpmIsRemembered() {
        Optional<String> ek = cluster.ledger.ek(cluster.identity());
        return cluster.hosts.stream()
                .flatMap(host -> host.records().lookUp(cluster.identity()).found().stream())
                .flatMap(record -> record.ekDigest().stream())
                .anyMatch(remembered -> !ek.equals(Optional.of(remembered)));
    }

    private void assertFailedOver(Host dead, Loss loss) {
        Optional<String> runs = cluster.runningOn();
        assertThat(runs).as(cluster.description()).isNotEqualTo(Optional.of(dead.name()));
        boolean refuses = anotherTpmIsRemembered();
        if (loss == Loss.NOTHING && !refuses) {
            assertThat(runs.isPresent())
                    .as("it runs elsewhere, if its home is shared")
                    .isEqualTo(cluster.sharesFolder());
        }
        if (runs.isEmpty() && !refuses) {
            assertThat(ready().getMessage())
                    .as(ready().getReason() + " names the host that is awaited")
                    .contains(dead.name());
        }
    }

    private Condition ready() {
        return ConditionType.Ready.in(cluster.status().conditions()).orElseThrow();
    }
}
