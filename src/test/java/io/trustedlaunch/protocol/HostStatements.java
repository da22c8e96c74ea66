package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Fencing;
import io.trustedlaunch.api.node.ClusterNodeSpec.Statement;
import io.trustedlaunch.api.node.ClusterNodeSpecBuilder;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What people say of nodes, on the API server: that a host is off. */
record HostStatements(FakeApiServer server) {
    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    /** The admission policy lets nobody state it of another boot than the one that was reported. */
    void say(Host host, boolean byTaint) {
        Optional<String> boot = node(host)
                .map(ClusterNode::getStatus)
                .map(ClusterNodeStatus::answer)
                .map(Answer::bootID);
        if (byTaint || boot.isEmpty()) {
            taint(host, true);
        } else {
            state(host, new Fencing(new Statement(boot.get(), "alice"), null));
        }
    }

    void withdraw(Host host) {
        taint(host, false);
        state(host, null);
    }

    boolean stand(Host host) {
        return statement(host).isPresent()
                || server.seen(Node.class)
                        .filter(node -> node.getMetadata().getName().equals(host.name()))
                        .anyMatch(node -> !node.getSpec().getTaints().isEmpty());
    }

    /** It is proved dead, or may be soon. */
    boolean mayBeBelieved(Host host) {
        return stand(host) || fences(host).anyMatch(phase -> phase == Phase.Proved);
    }

    /** A NodeFence proves that boot of the host over. */
    boolean proves(Host host, String boot) {
        return phases(host, fence -> fence.getSpec().bootID().equals(boot)).anyMatch(phase -> phase == Phase.Proved);
    }

    /** Since a management controller says that it has no power. */
    boolean provesByPower(Host host, String boot) {
        return phases(
                        host,
                        fence -> fence.getSpec().method() == Method.Power
                                && fence.getSpec().bootID().equals(boot))
                .anyMatch(phase -> phase == Phase.Proved);
    }

    /** Of the NodeFences of the host. */
    Stream<Phase> fences(Host host) {
        return phases(host, fence -> true);
    }

    private Stream<Phase> phases(Host host, Predicate<NodeFence> filter) {
        return server.seen(NodeFence.class)
                .filter(fence -> fence.getSpec().nodeName().equals(host.name()))
                .filter(filter)
                .flatMap(fence -> Optional.ofNullable(fence.getStatus()).map(NodeFenceStatus::phase).stream());
    }

    private Optional<Statement> statement(Host host) {
        return node(host)
                .map(ClusterNode::getSpec)
                .map(ClusterNodeSpec::fencing)
                .map(Fencing::statement);
    }

    private Optional<ClusterNode> node(Host host) {
        return server.find(ClusterNode.class, host.name());
    }

    private void state(Host host, Fencing fencing) {
        if (node(host).isPresent()) {
            server.edit(ClusterNode.class, host.name(), node -> {
                node.setSpec(ClusterNodeSpecBuilder.builder(node.getSpec())
                        .fencing(fencing)
                        .build());
                return node;
            });
        }
    }

    private void taint(Host host, boolean outOfService) {
        List<Taint> taints = outOfService
                ? List.of(new TaintBuilder()
                        .withKey(OUT_OF_SERVICE)
                        .withEffect("NoExecute")
                        .build())
                : List.of();
        server.edit(
                Node.class,
                host.name(),
                node -> new NodeBuilder(node)
                        .editSpec()
                        .withTaints(taints)
                        .endSpec()
                        .build());
    }
}
