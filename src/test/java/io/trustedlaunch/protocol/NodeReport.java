package io.trustedlaunch.protocol;

import io.trustedlaunch.agent.incarnation.AgentApi;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatus.Inventory;
import io.trustedlaunch.api.ClusterNodeStatusBuilder;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Nodes;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What an agent does about its ClusterNode: it registers, answers the leader with its real inventory, reports its host. */
record NodeReport(Host host, FakeApiServer server, AgentApi api, Supplier<List<ClusterNodeStatus.Domain>> inventory) {
    private String node() {
        return host.name();
    }

    void pass(FakeApiServer cache, String leader) {
        api.throwIfDown();
        Optional<ClusterNode> registered = cache.find(ClusterNode.class, node());
        if (registered.isEmpty()) {
            server.createIfAbsent(Nodes.clusterNode(
                    Nodes.info(node()).spec(Nodes.spec(Maintenance.None)).build()));
            return;
        }
        Optional<ClusterNodeStatus> before = registered.map(ClusterNode::getStatus);
        Optional<Inventory> answered = before.map(ClusterNodeStatus::inventory);
        if (answered.filter(answer -> answer.answers().equals(leader)).isEmpty()) {
            Inventory answer = new Inventory(leader, inventory.get());
            apply(now -> ClusterNodeStatusBuilder.builder(now).inventory(answer).build());
        }
        apply(now -> ClusterNodeStatusBuilder.builder(hostStatus())
                .inventory(now.inventory())
                .build());
    }

    private ClusterNodeStatus hostStatus() {
        return Nodes.withRoom(
                Nodes.status().sealingCertificate(host.sealingCertificate()).build());
    }

    /** Two field managers: each keeps what the other has applied. */
    private void apply(java.util.function.UnaryOperator<ClusterNodeStatus> change) {
        server.find(ClusterNode.class, node()).ifPresent(now -> {
            ClusterNodeStatus before = Optional.ofNullable(now.getStatus())
                    .orElseGet(() -> ClusterNodeStatusBuilder.builder().build());
            server.applyStatus(ClusterNode.class, node(), null, change.apply(before));
        });
    }
}
