package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.api.VMMigrationStatusBuilder;
import io.trustedlaunch.operator.vm.plan.VmScene;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A VM that is moved back and forth between two hosts with one folder, while operators and agents die, links are cut,
 * words are lost, users change their minds and the API server is set back. A seed is a history, the same each time.
 */
class MigrationsUnderFaultsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final int HISTORIES = Integer.getInteger("histories", 40);
    private static final int EVENTS = 400;
    private static final int ROUNDS_TO_SETTLE = 60;

    private static final FakeCluster CLUSTER = new FakeCluster(NOW);

    private FakeApiServer server;
    private List<FakeAgent> agents;
    private List<FakeOperator> operators;
    private Optional<FakeApiServer> backup;
    private String leader;
    private int started;
    private int asked;
    private int moved;
    private int furthest;

    static LongStream seeds() {
        return LongStream.range(0, HISTORIES);
    }

    @ParameterizedTest(name = "history {0}")
    @MethodSource("seeds")
    void whateverHappensOneGuestRunsAtMostAndLosesNothingAndEveryMoveEnds(long seed) {
        Random random = new Random(seed);
        begin();
        for (int event = 0; event < EVENTS; event++) {
            happen(random);
            assertOneGuestAtMostThatLostNothing();
        }
        want(RunStrategy.Always);
        settle();
        assertThat(agents).filteredOn(FakeAgent::runs).singleElement().satisfies(this::isOnRecord);
        assertThat(server.all(VMIncarnation.class)).hasSize(1);
        assertThat(server.all(VMMigration.class)).noneMatch(VmGatherer::isUnfinished);
        vm().ifPresent(server::delete);
        settle();
        assertThat(vm()).isEmpty();
        assertThat(agents).allMatch(FakeAgent::hasNothing);
        assertThat(server.secrets()).isZero();
        assertThat(server.all(VMIncarnation.class)).isEmpty();
    }

    @ParameterizedTest(name = "history {0}")
    @MethodSource("seeds")
    void withoutFaultsAGuestThatIsAskedToMoveMoves(long seed) {
        Random random = new Random(seed);
        begin();
        ask(Optional.empty());
        for (int round = 0; moved == 0 && round < ROUNDS_TO_SETTLE; round++) {
            operators.getLast().look();
            operators.getLast().pass();
            agents.get(random.nextInt(2)).act();
            migrate(false);
            finishMigrations();
            assertOneGuestAtMostThatLostNothing();
        }
        settle();
        assertThat(agents).filteredOn(FakeAgent::runs).singleElement().satisfies(agent -> {
            assertThat(agent.node()).isEqualTo("host-b");
            isOnRecord(agent);
        });
        assertThat(vm().orElseThrow().getStatus().migration().outcome()).isEqualTo(TrustedLaunchVMStatus.Outcome.Moved);
    }

    @ParameterizedTest(name = "history {0}")
    @MethodSource("seeds")
    void aGuestWhoseMoveFailsRunsOnWhereItIs(long seed) {
        Random random = new Random(seed);
        begin();
        ask(Optional.empty());
        for (int round = 0; round < 2 * ROUNDS_TO_SETTLE; round++) {
            operators.getLast().look();
            operators.getLast().pass();
            agents.get(random.nextInt(2)).act();
            migrate(true);
            finishMigrations();
            assertThat(agents.getFirst().runs()).isTrue();
        }
        TrustedLaunchVMStatus status = vm().orElseThrow().getStatus();
        assertThat(status.epoch()).isEqualTo(1);
        assertThat(status.migration().outcome()).isEqualTo(TrustedLaunchVMStatus.Outcome.Stayed);
        assertThat(server.all(VMIncarnation.class))
                .as("the target's is cleared away")
                .hasSize(1);
    }

    @Test
    void aMigrationThatEndedMeanwhileIsNotBegun() {
        begin();
        ask(Optional.empty());
        operators.getLast().look();
        server.all(VMMigration.class).forEach(server::delete);
        operators.getLast().pass();
        assertThat(vm().orElseThrow().getStatus().migration()).isNull();
    }

    @Test
    void aMoveThatWasTakenBackMeanwhileIsNotOffered() {
        begin();
        ask(Optional.empty());
        FakeOperator late = operators.getLast();
        while (!isReceiving()) {
            late.look();
            late.pass();
            agents.getLast().act();
        }
        late.look();
        TrustedLaunchVM vm = vm().orElseThrow();
        Migration open = vm.getStatus().migration();
        assertThat(incarnation(1).getSpec().departure()).isNull();
        vm.setStatus(VmScene.running()
                .migration(open.ended(TrustedLaunchVMStatus.Outcome.Stayed, "MigrationCancelled", "because"))
                .facts()
                .vm()
                .getStatus());
        server.replaceStatus(vm);
        late.pass();
        assertThat(incarnation(1).getSpec().departure()).isNull();
    }

    private boolean isReceiving() {
        return server.all(VMIncarnation.class)
                .anyMatch(incarnation -> incarnation.getStatus() != null
                        && incarnation.getStatus().phase() == Phase.Receiving);
    }

    private VMIncarnation incarnation(long epoch) {
        return server.find(VMIncarnation.class, VMIncarnation.nameOf(VmScene.UID, epoch))
                .orElseThrow();
    }

    private void assertOneGuestAtMostThatLostNothing() {
        assertThat(agents).filteredOn(FakeAgent::runs).hasSizeLessThanOrEqualTo(1);
        assertThat(agents.stream().mapToInt(FakeAgent::tpmsMade).sum()).isLessThanOrEqualTo(1);
        agents.stream().filter(FakeAgent::runs).forEach(agent -> {
            assertThat(agent.done()).isGreaterThanOrEqualTo(furthest);
            furthest = agent.done();
        });
    }

    private void isOnRecord(FakeAgent agent) {
        TrustedLaunchVMStatus status = vm().orElseThrow().getStatus();
        assertThat(status.nodeName()).isEqualTo(agent.node());
        assertThat(status.vTPM().ekDigest()).isEqualTo(agent.tpm());
    }

    List<FakeAgent> agents(FakeCluster cluster, FakeApiServer apiServer) {
        return cluster.agentsWithOneFolder(apiServer);
    }

    /** The VM runs on host-a. */
    private void begin() {
        server = CLUSTER.server();
        server.createIfAbsent(VmScene.applied().facts().vm());
        agents = agents(CLUSTER, server);
        operators = new ArrayList<>();
        backup = Optional.empty();
        settle();
        operators.add(newOperator());
        operators.add(newOperator());
        agents.forEach(agent -> agent.answer(leader, VmScene.UID));
        assertThat(agents.getFirst().runs()).isTrue();
    }

    private void happen(Random random) {
        int operator = random.nextInt(operators.size());
        FakeAgent agent = agents.get(random.nextInt(agents.size()));
        switch (random.nextInt(31)) {
            case 0, 1, 2, 3 -> operators.get(operator).look();
            case 4, 5, 6, 7, 8 -> operators.get(operator).pass();
            case 9, 10, 11, 12, 13, 14 -> agent.act();
            case 15 -> agent.actAndDie();
            case 16, 17 -> agents.forEach(each -> each.answer(leader, VmScene.UID));
            case 18 -> crash(operator, random);
            case 19 -> want(random.nextInt(3) == 0 ? RunStrategy.Halted : RunStrategy.Always);
            case 20, 21 -> askOrTakeBack(random);
            case 22, 23 -> migrate(random.nextInt(4) == 0);
            case 24 -> giveUp(agent, random);
            case 25 -> sayThatItLeft();
            case 26 -> agents.forEach(FakeAgent::guestWorks);
            case 27 -> finishMigrations();
            case 28 -> endGuest(agent, random);
            case 29 -> setBackOrRemember(random);
            case 30 -> crashHost(agent, random);
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
            // It is gone; its successor is another process.
        }
        operators.set(operator, newOperator());
    }

    private void askOrTakeBack(Random random) {
        List<VMMigration> unfinished =
                server.all(VMMigration.class).filter(VmGatherer::isUnfinished).toList();
        if (unfinished.size() < 2) {
            ask(
                    random.nextBoolean()
                            ? Optional.empty()
                            : Optional.of(agents.get(random.nextInt(2)).node()));
        } else {
            server.delete(unfinished.get(random.nextInt(2)));
        }
    }

    private void ask(Optional<String> target) {
        VMMigration move = new VMMigration();
        move.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("move-" + ++asked)
                .withUid("uid-of-move-" + asked)
                .withCreationTimestamp(NOW.plusSeconds(asked).toString())
                .build());
        move.setSpec(new VMMigrationSpec(new ObjectRef("payroll"), target.orElse(null)));
        server.createIfAbsent(move);
    }

    private void migrate(boolean linkIsCut) {
        agents.getFirst().migrate(agents.getLast(), linkIsCut);
        agents.getLast().migrate(agents.getFirst(), linkIsCut);
    }

    private static void giveUp(FakeAgent agent, Random random) {
        if (random.nextInt(3) == 0) {
            agent.failToMigrate();
        }
    }

    private void sayThatItLeft() {
        agents.getFirst().sayThatItLeft(agents.getLast());
        agents.getLast().sayThatItLeft(agents.getFirst());
    }

    private static void endGuest(FakeAgent agent, Random random) {
        if (random.nextInt(4) == 0) {
            agent.guestEnds(random.nextBoolean() ? Exit.Crashed : Exit.Shutdown);
        }
    }

    private static void crashHost(FakeAgent agent, Random random) {
        if (random.nextInt(2) == 0) {
            agent.hostCrashes();
        }
    }

    /** As the controller of migrations does it. */
    private void finishMigrations() {
        Optional<TrustedLaunchVMStatus> status = vm().map(TrustedLaunchVM::getStatus);
        Optional<Migration> last = status.map(TrustedLaunchVMStatus::migration);
        boolean open = last.filter(move -> move.outcome() == null).isPresent();
        server.all(VMMigration.class)
                .filter(VmGatherer::isUnfinished)
                .filter(move -> !open)
                .filter(move -> last.map(Migration::uid)
                                .equals(Optional.of(move.getMetadata().getUid()))
                        || status.map(TrustedLaunchVMStatus::nodeName)
                                .equals(Optional.ofNullable(move.getSpec().targetNode())))
                .forEach(move -> {
                    move.setStatus(VMMigrationStatusBuilder.builder()
                            .completionTime(NOW.toString())
                            .build());
                    server.replaceStatus(move);
                    moved++;
                });
    }

    private void setBackOrRemember(Random random) {
        if (backup.isPresent() && random.nextInt(6) == 0) {
            server.restore(backup.get());
            operators = new ArrayList<>(List.of(newOperator(), newOperator()));
        } else if (server.secrets() > 0) {
            backup = Optional.of(server.picture());
        }
    }

    private void want(RunStrategy strategy) {
        TrustedLaunchVM vm = vm().orElseThrow();
        vm.setSpec(VmScene.applied().strategy(strategy).facts().spec());
        server.replaceSpec(vm);
    }

    /** No word passes from agent to agent: what is on record must do. */
    private void settle() {
        FakeOperator last = newOperator();
        server.settle(ROUNDS_TO_SETTLE, () -> {
            agents.forEach(agent -> agent.answer(leader, VmScene.UID));
            last.look();
            last.pass();
            agents.forEach(FakeAgent::act);
            migrate(false);
            finishMigrations();
        });
    }

    private FakeOperator newOperator() {
        leader = "operator-" + ++started;
        return CLUSTER.operator(server, leader, List.of("host-a", "host-b"));
    }

    private Optional<TrustedLaunchVM> vm() {
        return server.all(TrustedLaunchVM.class).findFirst();
    }
}
