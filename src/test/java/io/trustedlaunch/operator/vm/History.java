package io.trustedlaunch.operator.vm;

import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;

/** The API server, agents and operators of the VM in {@link Vms}, one operator after the other. */
final class History {
    static final List<String> NODES = List.of("host-a", "host-b");

    final FakeApiServer server;
    final List<FakeAgent> agents;
    private final FakeCluster cluster;
    private Optional<FakeApiServer> backup = Optional.empty();
    private FakeOperator operator;
    private String leader;
    private int operatorsStarted;
    private int furthest;

    History(FakeCluster cluster, BiFunction<FakeCluster, FakeApiServer, List<FakeAgent>> agents) {
        this.cluster = cluster;
        this.server = cluster.server();
        this.agents = agents.apply(cluster, server);
    }

    /** It leads from now on; agents have not answered it yet. */
    FakeOperator newOperator(List<String> aliveNodes) {
        leader = "operator-" + ++operatorsStarted;
        operator = cluster.operator(server, leader, aliveNodes);
        return operator;
    }

    /** The agents report to the leader which domains they have. */
    void answer() {
        agents.forEach(agent -> agent.answer(leader, Vms.UID));
    }

    /** A new operator leads, and has the agents' answers. */
    FakeOperator succeed() {
        newOperator(NODES);
        answer();
        return operator;
    }

    /** The last operator and the agents act in turns; if the operator dies, another one follows. */
    void play(int rounds) {
        for (int round = 0; round < rounds; round++) {
            try {
                operator.lookAndPass();
            } catch (FakeOperator.Crash crash) {
                succeed();
            }
            agents.forEach(FakeAgent::act);
        }
    }

    /** A new operator and the agents act, in turns with the rest, until nothing changes. */
    void settle(int mostRounds, Runnable rest) {
        newOperator(NODES);
        server.settle(mostRounds, () -> {
            answer();
            operator.lookAndPass();
            agents.forEach(FakeAgent::act);
            rest.run();
        });
    }

    /** @return true if it was restored; any operator then has a Lease from before and ends */
    boolean restoreOrBackUp(Random random, int backupsARestore) {
        if (backup.isPresent() && random.nextInt(backupsARestore) == 0) {
            server.restore(backup.get());
            return true;
        }
        // Without the key of the VM, a backup would be useless.
        if (server.secrets() > 0) {
            backup = Optional.of(server.snapshot());
        }
        return false;
    }

    void changeStrategy(RunStrategy strategy) {
        TrustedLaunchVM vm = vm().orElseThrow();
        vm.setSpec(Vms.spec().runStrategy(strategy).build());
        server.replaceSpec(vm);
    }

    Optional<TrustedLaunchVM> vm() {
        return server.all(TrustedLaunchVM.class).findFirst();
    }

    TrustedLaunchVMStatus status() {
        return vm().orElseThrow().getStatus();
    }

    <T extends HasMetadata> T only(Class<T> kind) {
        List<T> all = server.all(kind).toList();
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    FakeAgent onlyRunning() {
        List<FakeAgent> running = agents.stream().filter(FakeAgent::runs).toList();
        assertThat(running).hasSize(1);
        return running.getFirst();
    }

    int tpmsMade() {
        return agents.stream().mapToInt(FakeAgent::tpmsMade).sum();
    }

    void assertOneGuestAndOneTpmAtMost() {
        assertThat(agents).filteredOn(FakeAgent::runs).hasSizeLessThanOrEqualTo(1);
        assertThat(tpmsMade()).isLessThanOrEqualTo(1);
    }

    void assertThatTheGuestLostNothing() {
        agents.stream().filter(FakeAgent::runs).forEach(agent -> {
            assertThat(agent.done()).isGreaterThanOrEqualTo(furthest);
            furthest = agent.done();
        });
    }

    /** One guest runs, on the node and with the TPM on record. */
    void assertRunsAsRecorded() {
        FakeAgent agent = onlyRunning();
        assertThat(status().nodeName()).isEqualTo(agent.node());
        assertThat(status().vTPM().ekDigest()).isEqualTo(agent.tpm());
        only(VMIncarnation.class);
    }

    void assertNothingIsLeft() {
        assertThat(vm()).isEmpty();
        assertThat(agents).allMatch(FakeAgent::hasNothing);
        assertThat(server.secrets()).isZero();
        assertThat(server.all(VMIncarnation.class)).isEmpty();
    }
}
