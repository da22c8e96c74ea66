package io.trustedlaunch.protocol;

import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.fencing.FakeFencing;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.Assignments;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.vm.FakeOperator;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.Optional;
import java.util.function.Predicate;

/** One process of the operator that believes that it leads, and the heartbeats that it has seen. */
final class OperatorProcess {
    private final String identity;
    private final Leadership leadership;
    private final FakeApiServer server;
    private final FakeFencing fencing;
    private final FakeOperator operator;

    OperatorProcess(
            String identity,
            Leadership leadership,
            Assignments assignments,
            FakeApiServer server,
            Optional<RecoveryCertificate> recovery,
            VirtualClock clock) {
        this.identity = identity;
        this.leadership = leadership;
        this.server = server;
        AgentLiveness liveness = new AgentLiveness(clock::nanoTime);
        this.fencing = new FakeFencing(liveness, clock::nanoTime, clock);
        this.operator = new FakeOperator(server, leadership, assignments, liveness, Certified.CHECKED, recovery, clock);
        hear();
    }

    String identity() {
        return identity;
    }

    void look() {
        operator.look();
        hear();
    }

    void look(Predicate<Class<?>> kinds) {
        operator.look(kinds);
        hear();
    }

    void lookAt(FakeApiServer outdated) {
        operator.lookAt(outdated);
    }

    void pass() {
        operator.pass();
        operator.passOverTheRest();
        operator.pass(fencing::pass);
    }

    /** As it does every minute. */
    void raiseMark() {
        leadership.raise();
    }

    FakeOperator writer() {
        return operator;
    }

    private void hear() {
        fencing.hear(server);
    }
}
