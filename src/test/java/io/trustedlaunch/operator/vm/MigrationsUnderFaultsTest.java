package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationStatusBuilder;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Vms;
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
 * A VM migrates back and forth between two hosts with one folder, while operators and agents die, links are cut,
 * messages are lost, users change their minds and the API server is restored from a backup. A seed is a history, the
 * same each time.
 */
class MigrationsUnderFaultsTest {
    private static final int MOST_ROUNDS = 20;

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final int HISTORIES = Integer.getInteger("histories", 40);
    private static final int EVENTS = 400;
    private static final int ROUNDS_TO_SETTLE = 60;

    private static final FakeCluster CLUSTER = new FakeCluster(NOW);

    private History history;
    private FakeApiServer server;
    private List<FakeAgent> agents;
    private List<FakeOperator> operators;
    private int requested;
    private int finished;

    static LongStream seeds() {
        return LongStream.range(0, HISTORIES);
    }

    @ParameterizedTest(name = "history {0}")
    @MethodSource("seeds")
    void atMostOneGuestRunsAndLosesNothingAndEveryMigrationEnds(long seed) {
        Random random = new Random(seed);
        begin();
        for (int event = 0; event < EVENTS; event++) {
            happen(random);
            history.assertOneGuestAndOneTpmAtMost();
            history.assertThatTheGuestLostNothing();
        }
        history.changeStrategy(RunStrategy.Always);
        settle();
        history.assertRunsAsRecorded();
        assertThat(server.all(VMMigration.class)).noneMatch(VmGatherer::isUnfinished);
        history.vm().ifPresent(server::delete);
        settle();
        history.assertNothingIsLeft();
    }

    @ParameterizedTest(name = "history {0}")
    @MethodSource("seeds")
    void withoutFaultsAMigrationSucceeds(long seed) {
        Random random = new Random(seed);
        begin();
        request(Optional.empty());
        for (int round = 0; finished == 0 && round < ROUNDS_TO_SETTLE; round++) {
            operators.getLast().lookAndPass();
            agents.get(random.nextInt(2)).act();
            migrate(false);
            finishMigrations();
            history.assertOneGuestAndOneTpmAtMost();
            history.assertThatTheGuestLostNothing();
        }
        settle();
        history.assertRunsAsRecorded();
        assertThat(history.onlyRunning().node()).isEqualTo("host-b");
        assertThat(history.status().migration().outcome()).isEqualTo(TrustedLaunchVMStatus.Outcome.Moved);
    }

    @ParameterizedTest(name = "history {0}")
    @MethodSource("seeds")
    void aGuestWhoseMigrationFailsKeepsRunningOnItsSource(long seed) {
        Random random = new Random(seed);
        begin();
        request(Optional.empty());
        for (int round = 0; round < 2 * ROUNDS_TO_SETTLE; round++) {
            operators.getLast().lookAndPass();
            agents.get(random.nextInt(2)).act();
            migrate(true);
            finishMigrations();
            assertThat(agents.getFirst().runs()).isTrue();
        }
        TrustedLaunchVMStatus status = history.status();
        assertThat(status.epoch()).isEqualTo(1);
        assertThat(status.migration().outcome()).isEqualTo(TrustedLaunchVMStatus.Outcome.Stayed);
        assertThat(server.all(VMIncarnation.class))
                .as("the target's is cleared away")
                .hasSize(1);
    }

    @Test
    void aMigrationThatEndedMeanwhileIsNotBegun() {
        begin();
        request(Optional.empty());
        operators.getLast().look();
        server.all(VMMigration.class).forEach(server::delete);
        operators.getLast().pass();
        assertThat(history.status().migration()).isNull();
    }

    @Test
    void aMigrationThatWasCancelledMeanwhileIsNotHandedOver() {
        begin();
        request(Optional.empty());
        FakeOperator late = operators.getLast();
        for (int round = 0; round < MOST_ROUNDS && !isReceiving(); round++) {
            late.lookAndPass();
            agents.getLast().act();
        }
        assertThat(isReceiving()).isTrue();
        late.look();
        TrustedLaunchVM vm = history.vm().orElseThrow();
        Migration open = vm.getStatus().migration();
        assertThat(incarnation(1).getSpec().departure()).isNull();
        Migration stayed = open.ended(TrustedLaunchVMStatus.Outcome.Stayed, "MigrationCancelled", "because");
        vm.setStatus(VmScene.running()
                .status(status -> status.migration(stayed))
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
        return server.find(VMIncarnation.class, VMIncarnation.nameOf(Vms.UID, epoch))
                .orElseThrow();
    }

    List<FakeAgent> agents(FakeCluster cluster, FakeApiServer apiServer) {
        return cluster.agentsWithOneFolder(apiServer);
    }

    /** The VM runs on host-a. */
    private void begin() {
        history = new History(CLUSTER, this::agents);
        server = history.server;
        agents = history.agents;
        server.createIfAbsent(Vms.vm(Vms.spec().build()));
        settle();
        operators = twoOperators();
        history.answer();
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
            case 16, 17 -> history.answer();
            case 18 -> crash(operator, random);
            case 19 -> history.changeStrategy(random.nextInt(3) == 0 ? RunStrategy.Halted : RunStrategy.Always);
            case 20, 21 -> requestOrCancel(random);
            case 22, 23 -> migrate(random.nextInt(4) == 0);
            case 24 -> failMigration(agent, random);
            case 25 -> sayThatGuestLeft();
            case 26 -> agents.forEach(FakeAgent::guestWorks);
            case 27 -> finishMigrations();
            case 28 -> endGuest(agent, random);
            case 29 -> restoreOrBackUp(random);
            case 30 -> crashHost(agent, random);
            default -> throw new IllegalStateException("no such event");
        }
    }

    private void crash(int operator, Random random) {
        operators.get(operator).crash(random);
        operators.set(operator, newOperator());
    }

    private void requestOrCancel(Random random) {
        List<VMMigration> unfinished =
                server.all(VMMigration.class).filter(VmGatherer::isUnfinished).toList();
        if (unfinished.size() < 2) {
            request(
                    random.nextBoolean()
                            ? Optional.empty()
                            : Optional.of(agents.get(random.nextInt(2)).node()));
        } else {
            server.delete(unfinished.get(random.nextInt(2)));
        }
    }

    private void request(Optional<String> target) {
        VMMigration migration = Vms.migration("move-" + ++requested, target.orElse(null));
        migration.getMetadata().setCreationTimestamp(NOW.plusSeconds(requested).toString());
        server.createIfAbsent(migration);
    }

    private void migrate(boolean linkIsCut) {
        agents.getFirst().migrate(agents.getLast(), linkIsCut);
        agents.getLast().migrate(agents.getFirst(), linkIsCut);
    }

    private static void failMigration(FakeAgent agent, Random random) {
        if (random.nextInt(3) == 0) {
            agent.failToMigrate();
        }
    }

    private void sayThatGuestLeft() {
        agents.getFirst().sayThatGuestLeft(agents.getLast());
        agents.getLast().sayThatGuestLeft(agents.getFirst());
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
        Optional<TrustedLaunchVMStatus> status = history.vm().map(TrustedLaunchVM::getStatus);
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
                    finished++;
                });
    }

    private void restoreOrBackUp(Random random) {
        if (history.restoreOrBackUp(random, 6)) {
            operators = twoOperators();
        }
    }

    /** No message passes from agent to agent: the record must suffice. */
    private void settle() {
        history.settle(ROUNDS_TO_SETTLE, () -> {
            migrate(false);
            finishMigrations();
        });
    }

    private FakeOperator newOperator() {
        return history.newOperator(History.NODES);
    }

    private List<FakeOperator> twoOperators() {
        return new ArrayList<>(List.of(newOperator(), newOperator()));
    }
}
