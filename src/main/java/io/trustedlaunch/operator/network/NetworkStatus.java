package io.trustedlaunch.operator.network;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.node.VMNetworkStatus;
import io.trustedlaunch.api.node.VMNetworkStatus.Node;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Computes the status of a network from what its nodes report. Pure. */
final class NetworkStatus {
    private static final int MOST_NODES = 10;

    private final String name;
    private final List<Node> nodes;
    private final Conditions conditions;

    private NetworkStatus(VMNetwork network, List<ClusterNode> nodes, Instant now) {
        this.name = network.getMetadata().getName();
        this.nodes = nodes.stream()
                .filter(node -> Enrolment.isEnrolled(node.status()))
                .map(node ->
                        new Node(node.getMetadata().getName(), reported(node).contains(name)))
                .sorted(Comparator.comparing(Node::nodeName))
                .toList();
        this.conditions = new Conditions(network, now);
    }

    /** @param nodes all ClusterNodes */
    static VMNetworkStatus of(VMNetwork network, List<ClusterNode> nodes, Instant now) {
        NetworkStatus status = new NetworkStatus(network, nodes, now);
        return new VMNetworkStatus(
                network.getMetadata().getGeneration(), status.nodes, status.conditions.all(status.ready()));
    }

    /** The libvirt networks of a node. */
    static List<String> reported(ClusterNode node) {
        return node.status().map(ClusterNodeStatus::networks).orElseGet(List::of);
    }

    private Condition ready() {
        if (nodes.isEmpty()) {
            return conditions.of(
                    ConditionType.Ready,
                    State.False,
                    Reason.NoNodes,
                    "no enrolled node has reported its networks yet: check that agents are running");
        }
        List<String> ready =
                nodes.stream().filter(Node::ready).map(Node::nodeName).toList();
        return ready.isEmpty()
                ? conditions.of(
                        ConditionType.Ready,
                        State.False,
                        Reason.NetworkMissing,
                        "no enrolled node has an active libvirt network " + name
                                + ": define and start it on the hosts whose VMs are to use it")
                : conditions.of(ConditionType.Ready, State.True, Reason.NetworkReady, "active on " + some(ready));
    }

    private static String some(List<String> names) {
        return names.stream().limit(MOST_NODES).collect(Collectors.joining(", "))
                + (names.size() > MOST_NODES ? " and " + (names.size() - MOST_NODES) + " more" : "");
    }
}
