package io.trustedlaunch.protocol;

import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.Assignments;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.vm.FakeOperator;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** One process of the operator that believes that it leads, and the heartbeats that it has seen. */
final class OperatorProcess {
    private final String identity;
    private final Leadership leadership;
    private final List<Host> hosts;
    private final AgentLiveness liveness;
    private final FakeOperator operator;

    OperatorProcess(
            String identity,
            Leadership leadership,
            Assignments assignments,
            FakeApiServer server,
            List<Host> hosts,
            Optional<RecoveryCertificate> recovery,
            VirtualClock clock) {
        this.identity = identity;
        this.leadership = leadership;
        this.hosts = hosts;
        this.liveness = new AgentLiveness(clock::nanoTime);
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
    }

    /** As it does every minute. */
    void raiseMark() {
        leadership.raise();
    }

    FakeOperator writer() {
        return operator;
    }

    private void hear() {
        hosts.stream()
                .filter(host -> host.beats() > 0)
                .forEach(host -> liveness.seen("node-" + host.name(), Long.toString(host.beats())));
    }
}
