package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.SealingNodes;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** An operator that has taken over from whoever led. */
final class LeadingOperator {
    private LeadingOperator() {}

    /** All nodes have answered it, it sees all that there is, and the agents of both hosts are alive. */
    static FakeOperator of(FakeApiServer server, String identity, InstantSource clock) {
        return of(server, identity, clock, List.of("host-a", "host-b"));
    }

    /** @param alive the nodes whose agents are */
    static FakeOperator of(FakeApiServer server, String identity, InstantSource clock, List<String> alive) {
        server.all(ClusterNode.class).forEach(node -> {
            node.setStatus(ClusterNodeStatusBuilder.builder(node.getStatus())
                    .answer(Nodes.answerTo(identity))
                    .build());
            server.put(node);
        });
        AgentLiveness liveness = new AgentLiveness(() -> 0L);
        alive.forEach(node -> liveness.seen("node-" + node, "1"));
        return new FakeOperator(
                server,
                Leaderships.takingOver(server, identity, () -> 0L),
                Leaderships.assignments(),
                liveness,
                SealingNodes.certificates(clock),
                Optional.empty(),
                clock);
    }
}
