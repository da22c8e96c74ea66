package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.testkit.EndorsementKeys;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two operators that both think they lead, with caches of any age, die around any write; agents act at any time; a user
 * changes the spec; the API server is restored from a backup. A seed is a history, the same each time.
 */
class TwoOperatorsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final int HISTORIES = Integer.getInteger("histories", 40);
    private static final int EVENTS = 250;
    private static final int ROUNDS_TO_SETTLE = 40;

    private static final FakeCluster CLUSTER = new FakeCluster(NOW);

    private History history;
    private FakeApiServer server;
    private List<FakeAgent> agents;
    private List<FakeOperator> operators;
    private static int movedCold;

    static LongStream seeds() {
        return LongStream.range(0, HISTORIES);
    }

    @ParameterizedTest(name = "history {0}")
    @MethodSource("seeds")
    void atMostOneGuestRunsAndInTheEndAsSpecified(long seed) {
        Random random = new Random(seed);
        begin(random, false);
        for (int event = 0; event < EVENTS; event++) {
            happen(random);
            history.assertOneGuestAndOneTpmAtMost();
        }
        assertThatAllEndsWell();
    }

    @ParameterizedTest(name = "history {0}")
    @MethodSource("seeds")
    void withASharedFolderAGuestStartsOnAnyNodeAndLosesNothing(long seed) {
        Random random = new Random(seed);
        begin(random, true);
        String last = null;
        for (int event = 0; event < EVENTS; event++) {
            if (random.nextInt(3) == 0) {
                happenToGuest(agents.get(random.nextInt(agents.size())), random);
            } else {
                happen(random);
            }
            history.assertOneGuestAndOneTpmAtMost();
            history.assertThatTheGuestLostNothing();
            for (FakeAgent agent : agents) {
                if (agent.runs()) {
                    movedCold += last == null || last.equals(agent.node()) ? 0 : 1;
                    last = agent.node();
                }
            }
        }
        assertThatAllEndsWell();
    }

    @AfterAll
    static void guestsHaveMovedBetweenNodes() {
        System.out.println("cold moves under faults: " + movedCold + " in " + HISTORIES + " histories");
        assertThat(movedCold).isGreaterThan(HISTORIES);
    }

    private void happenToGuest(FakeAgent agent, Random random) {
        switch (random.nextInt(8)) {
            case 0, 1 -> agent.guestWorks();
            case 2 -> agent.hostCrashes();
            case 3 -> agent.guestEnds(Exit.Shutdown);
            case 4 -> agent.actAndDie();
            case 5 -> succeed(random);
            case 6, 7 -> goOn();
            default -> throw new IllegalStateException("no such event");
        }
    }

    /** Another operator leads, and may see other nodes as alive. */
    private void succeed(Random random) {
        operators.set(1, newOperator(random));
        history.answer();
    }

    /** Enough rounds for a guest that ended to be started again. */
    private void goOn() {
        for (int round = 0; round < 6; round++) {
            operators.get(1).lookAndPass();
            agents.forEach(FakeAgent::act);
        }
    }

    private void assertThatAllEndsWell() {
        history.changeStrategy(RunStrategy.Always);
        settle();
        history.assertRunsAsRecorded();
        assertThat(Certificates.fromPem(history.status().vTPM().ekCertificate()).getPublicKey())
                .isEqualTo(EndorsementKeys.ONE.publicKey());
        history.vm().ifPresent(server::delete);
        settle();
        history.assertNothingIsLeft();
    }

    private void begin(Random random, boolean oneFolder) {
        history = new History(CLUSTER, oneFolder ? FakeCluster::agentsWithOneFolder : FakeCluster::agents);
        server = history.server;
        agents = history.agents;
        server.createIfAbsent(Vms.vm(Vms.spec().build()));
        operators = new ArrayList<>(List.of(newOperator(random), newOperator(random)));
    }

    private void crash(int operator, Random random) {
        operators.get(operator).crash(random);
        operators.set(operator, newOperator(random));
    }

    private void restoreOrBackUp(Random random) {
        if (history.restoreOrBackUp(random, 4)) {
            operators = new ArrayList<>(List.of(newOperator(random), newOperator(random)));
        }
    }

    private void happen(Random random) {
        int operator = random.nextInt(operators.size());
        FakeAgent agent = agents.get(random.nextInt(agents.size()));
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> operators.get(operator).look();
            case 4, 5, 6, 7 -> operators.get(operator).pass();
            case 8, 9, 10, 11, 12 -> agent.act();
            case 13, 14 -> history.answer();
            case 15 -> crash(operator, random);
            case 16 -> history.changeStrategy(random.nextInt(3) == 0 ? RunStrategy.Halted : RunStrategy.Always);
            case 17, 18 -> agent.guestEnds(Exit.Crashed);
            case 19 -> restoreOrBackUp(random);
            default -> throw new IllegalStateException("no such event");
        }
    }

    private void settle() {
        history.settle(ROUNDS_TO_SETTLE, () -> {});
    }

    /** Two operators need not agree on which agents are alive, and so on where to place a VM. */
    private FakeOperator newOperator(Random random) {
        return history.newOperator(
                switch (random.nextInt(3)) {
                    case 0 -> List.of("host-a");
                    case 1 -> List.of("host-b");
                    default -> History.NODES;
                });
    }
}
