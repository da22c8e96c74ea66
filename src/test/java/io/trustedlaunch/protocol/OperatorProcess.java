package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.backup.FakeRestoreRuns;
import io.trustedlaunch.operator.fencing.FakeFencing;
import io.trustedlaunch.operator.location.FakeLocations;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.Assignments;
import io.trustedlaunch.operator.node.FakeDrain;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.vm.FakeOperator;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** One process of the operator that believes that it leads, and the heartbeats that it has seen. */
final class OperatorProcess {
    /** How often its watches bring Leases by themselves. */
    private static final Duration LEASES = Duration.ofSeconds(5);

    private final String identity;
    private final Leadership leadership;
    private final FakeApiServer server;
    private final FakeFencing fencing;
    private final FakeOperator operator;
    private final FakeDrain drain;
    private final FakeRestoreRuns restores;
    private final FakeLocations locations;
    private boolean hears;
    private boolean leasesAreLate;

    OperatorProcess(
            String identity,
            Leadership leadership,
            Assignments assignments,
            FakeApiServer server,
            Optional<RecoveryCertificate> recovery,
            VirtualClock time) {
        LocalClock clock = time.of(identity);
        this.identity = identity;
        this.leadership = leadership;
        this.server = server;
        AgentLiveness liveness = new AgentLiveness(clock::nanoTime);
        this.fencing = new FakeFencing(server, identity, leadership::confirm, liveness, clock::nanoTime, clock);
        this.locations = new FakeLocations(liveness, clock);
        this.drain = new FakeDrain(clock);
        time.every(LEASES, this::hearUnlessLate);
        this.operator = new FakeOperator(server, leadership, assignments, liveness, Certified.CHECKED, recovery, clock);
        operator.contradicting(fencing::isContradicted);
        this.restores = new FakeRestoreRuns(operator);
    }

    String identity() {
        return identity;
    }

    void look() {
        operator.look();
        hear(server);
    }

    /** The watches of some kinds are ahead of the others; that of the kubelets' Leases is one by itself. */
    void look(Predicate<Class<?>> kinds) {
        begin();
        operator.look(kinds);
        if (kinds.test(Lease.class)) {
            fencing.hearAgents(server);
        }
        if (kinds.test(Kubelet.class)) {
            fencing.hearKubelets(server);
        }
    }

    void lookAt(FakeApiServer outdated) {
        operator.lookAt(outdated);
        hear(outdated);
    }

    void pass() {
        begin();
        operator.pass();
        operator.passOverTheRest();
        operator.pass(fencing::pass);
        operator.pass(drain::pass);
        operator.pass(restores::pass);
        operator.pass(locations::pass);
    }

    /** Its first pass is after all watches have listed what is there. */
    private void begin() {
        if (!hears) {
            hear(server);
        }
    }

    private void hear(FakeApiServer there) {
        hears = true;
        fencing.hearAgents(there);
        fencing.hearKubelets(there);
    }

    private void hearUnlessLate() {
        if (hears && !leasesAreLate) {
            hear(server);
        }
    }

    /** Its watches bring Leases only when it looks, or do so by themselves again. */
    void lateLeases(boolean late) {
        leasesAreLate = late;
    }

    /** As it does every minute. */
    void raiseMark() {
        leadership.raise();
    }

    FakeOperator writer() {
        return operator;
    }
}
