package io.trustedlaunch.operator.vm;

import io.trustedlaunch.testkit.FakeApiServer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The API server is restored from any backup, under an operator that notices it late or with a new one, while nodes are
 * cut off with their guests. No node is cut off in the minute of a backup. A seed is a history, the same each time.
 */
class RestoresUnderFaultsTest {
    private static final FakeCluster CLUSTER = new FakeCluster(Instant.parse("2026-01-01T12:00:00Z"));
    private static final int HISTORIES = Integer.getInteger("histories", 30);
    private static final int EVENTS = 250;
    private static final int ROUNDS_TO_SETTLE = 40;

    private static int startsBesideASilentNode;
    private static int restores;

    private History history;
    private WatchedLease lease;
    private Optional<FakeApiServer> backup = Optional.empty();

    static LongStream seeds() {
        return LongStream.range(0, HISTORIES);
    }

    @ParameterizedTest(name = "history {0}")
    @MethodSource("seeds")
    void atMostOneGuestRunsWithItsOwnFolderOnEachNode(long seed) {
        play(new Random(seed), new History(CLUSTER, FakeCluster::agents));
    }

    @ParameterizedTest(name = "history {0}")
    @MethodSource("seeds")
    void atMostOneGuestRunsWithASharedFolder(long seed) {
        play(new Random(seed), new History(CLUSTER, FakeCluster::agentsWithOneFolder));
    }

    @AfterAll
    static void nodesWereStartedOnBesideSilentOnes() {
        System.out.println(startsBesideASilentNode + " starts beside a silent node, " + restores + " restores");
        assertThat(startsBesideASilentNode).isGreaterThan(HISTORIES / 2);
        assertThat(restores).isGreaterThan(HISTORIES / 2);
    }

    private void play(Random random, History begun) {
        history = begun;
        lease = new WatchedLease(CLUSTER, history);
        history.server.createIfAbsent(Vms.vm(Vms.spec().build()));
        newLeader(random);
        for (int event = 0; event < EVENTS; event++) {
            List<FakeAgent> ran = running();
            happen(random);
            history.assertOneGuestAndOneTpmAtMost();
            if (ran.isEmpty() && !running().isEmpty() && lease.inTouch().size() < history.agents.size()) {
                startsBesideASilentNode++;
            }
        }
        history.agents.forEach(lease::reconnect);
        history.changeStrategy(RunStrategy.Always);
        history.settle(ROUNDS_TO_SETTLE, () -> {});
        history.assertOneGuestAndOneTpmAtMost();
    }

    private List<FakeAgent> running() {
        return history.agents.stream().filter(FakeAgent::runs).toList();
    }

    private void happen(Random random) {
        FakeAgent agent = history.agents.get(random.nextInt(history.agents.size()));
        try {
            switch (random.nextInt(24)) {
                case 0, 1, 2, 3, 4, 5, 6 -> lease.play(1);
                case 7, 8, 9 -> lease.pass();
                case 10, 11, 12 -> act(agent);
                case 13, 14 -> {
                    lease.answer();
                    lease.aMinutePasses();
                    lease.play(3);
                }
                case 15, 16 -> {
                    agent.guestEnds(Exit.Crashed);
                    lease.play(3);
                }
                case 17 -> lease.aMinutePasses();
                case 18 -> cutOff(agent);
                case 19 -> lease.reconnect(agent);
                case 20 -> newLeader(random);
                case 21 -> history.changeStrategy(random.nextInt(3) == 0 ? RunStrategy.Halted : RunStrategy.Always);
                case 22 -> backUp();
                case 23 -> restore(random);
                default -> throw new IllegalStateException("no such event");
            }
        } catch (FakeOperator.Crash crash) {
            newLeader(random);
        }
    }

    private void act(FakeAgent agent) {
        if (lease.isInTouch(agent)) {
            agent.act();
        }
    }

    private void cutOff(FakeAgent agent) {
        if (lease.raisesMarks()) {
            lease.cutOff(agent);
        }
    }

    private void newLeader(Random random) {
        lease.lead(random.nextBoolean() ? History.NODES : List.of(History.NODES.get(random.nextInt(2))));
    }

    private void backUp() {
        if (lease.raisesMarks()) {
            backup = Optional.of(lease.backup());
        }
    }

    /** Some nodes find the API server again, others do not. */
    private void restore(Random random) {
        if (backup.isEmpty()) {
            return;
        }
        restores++;
        for (FakeAgent agent : history.agents) {
            if (random.nextBoolean()) {
                lease.reconnect(agent);
            } else {
                lease.loses(agent);
            }
        }
        lease.restore(backup.get());
        if (random.nextInt(4) > 0) {
            newLeader(random);
            lease.answer();
        }
    }
}
