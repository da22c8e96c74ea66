package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.testkit.EndorsementKeys;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    private FakeApiServer server;
    private List<FakeAgent> agents;
    private List<FakeOperator> operators;
    private Optional<FakeApiServer> backup;
    private String leader;
    private int started;
    private int furthest;
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
            assertOneGuestAndOneTpmAtMost();
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
            assertOneGuestAndOneTpmAtMost();
            for (FakeAgent agent : agents) {
                if (agent.runs()) {
                    assertThat(agent.done()).isGreaterThanOrEqualTo(furthest);
                    furthest = agent.done();
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
        agents.forEach(agent -> agent.answer(leader, Vms.UID));
    }

    /** Enough rounds for a guest that ended to be started again. */
    private void goOn() {
        for (int round = 0; round < 6; round++) {
            operators.get(1).look();
            operators.get(1).pass();
            agents.forEach(FakeAgent::act);
        }
    }

    private void assertOneGuestAndOneTpmAtMost() {
        assertThat(agents).filteredOn(FakeAgent::runs).hasSizeLessThanOrEqualTo(1);
        assertThat(agents.stream().mapToInt(FakeAgent::tpmsMade).sum()).isLessThanOrEqualTo(1);
    }

    private void assertThatAllEndsWell() {
        want(RunStrategy.Always);
        settle();
        assertThat(agents).filteredOn(FakeAgent::runs).singleElement().satisfies(this::isOnRecord);
        assertThat(server.all(VMIncarnation.class)).hasSize(1);
        vm().ifPresent(server::delete);
        settle();
        assertThat(vm()).isEmpty();
        assertThat(agents).allMatch(FakeAgent::hasNothing);
        assertThat(server.secrets()).isZero();
        assertThat(server.all(VMIncarnation.class)).isEmpty();
    }

    private void isOnRecord(FakeAgent agent) {
        TrustedLaunchVMStatus status = vm().orElseThrow().getStatus();
        assertThat(status.nodeName()).isEqualTo(agent.node());
        assertThat(status.vTPM().ekDigest()).isEqualTo(agent.tpm());
        assertThat(Certificates.fromPem(status.vTPM().ekCertificate()).getPublicKey())
                .isEqualTo(EndorsementKeys.ONE.publicKey());
    }

    private void begin(Random random, boolean oneFolder) {
        server = CLUSTER.server();
        server.createIfAbsent(VmScene.applied().facts().vm());
        agents = oneFolder ? CLUSTER.agentsWithOneFolder(server) : CLUSTER.agents(server);
        operators = new ArrayList<>(List.of(newOperator(random), newOperator(random)));
        backup = Optional.empty();
    }

    private void happen(Random random) {
        int operator = random.nextInt(operators.size());
        FakeAgent agent = agents.get(random.nextInt(agents.size()));
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> operators.get(operator).look();
            case 4, 5, 6, 7 -> operators.get(operator).pass();
            case 8, 9, 10, 11, 12 -> agent.act();
            case 13, 14 -> agents.forEach(each -> each.answer(leader, Vms.UID));
            case 15 -> crash(operator, random);
            case 16 -> want(random.nextInt(3) == 0 ? RunStrategy.Halted : RunStrategy.Always);
            case 17, 18 -> agent.guestEnds(Exit.Crashed);
            case 19 -> restoreOrBackUp(random);
            default -> throw new IllegalStateException("no such event");
        }
    }

    private void crash(int operator, Random random) {
        operators.get(operator).dieAround(1 + random.nextInt(2), random.nextBoolean());
        try {
            operators.get(operator).look();
            operators.get(operator).pass();
            operators.get(operator).pass();
        } catch (FakeOperator.Crash crash) {
            // Its successor is another process.
        }
        operators.set(operator, newOperator(random));
    }

    /** A backup is useful only once it has the key; an operator whose Lease is restored ends by itself. */
    private void restoreOrBackUp(Random random) {
        if (backup.isPresent() && random.nextInt(4) == 0) {
            server.restore(backup.get());
            operators = new ArrayList<>(List.of(newOperator(random), newOperator(random)));
        } else if (server.secrets() > 0) {
            backup = Optional.of(server.snapshot());
        }
    }

    private void want(RunStrategy strategy) {
        TrustedLaunchVM vm = vm().orElseThrow();
        vm.setSpec(VmScene.applied().strategy(strategy).facts().spec());
        server.replaceSpec(vm);
    }

    private void settle() {
        FakeOperator last = newOperator(List.of("host-a", "host-b"));
        server.settle(ROUNDS_TO_SETTLE, () -> {
            agents.forEach(agent -> agent.answer(leader, Vms.UID));
            last.look();
            last.pass();
            agents.forEach(FakeAgent::act);
        });
    }

    /** Two operators need not agree on which agents are alive, and so on where to place a VM. */
    private FakeOperator newOperator(Random random) {
        return newOperator(
                switch (random.nextInt(3)) {
                    case 0 -> List.of("host-a");
                    case 1 -> List.of("host-b");
                    default -> List.of("host-a", "host-b");
                });
    }

    private FakeOperator newOperator(List<String> aliveNodes) {
        leader = "operator-" + ++started;
        return CLUSTER.operator(server, leader, aliveNodes);
    }

    private Optional<TrustedLaunchVM> vm() {
        return server.all(TrustedLaunchVM.class).findFirst();
    }
}
