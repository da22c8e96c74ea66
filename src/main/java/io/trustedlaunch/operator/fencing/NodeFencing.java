package io.trustedlaunch.operator.fencing;

import io.fabric8.kubernetes.api.model.Node;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Decides on the NodeFences of one node after the other: how many are fenced automatically at a time is counted from them. */
final class NodeFencing {
    private final FenceGatherer gatherer;
    private final FenceExecutor executor;

    NodeFencing(FenceGatherer gatherer, FenceExecutor executor) {
        this.gatherer = gatherer;
        this.executor = executor;
    }

    /**
     * The objects from the watches, and those that this process wrote since.
     *
     * @param kubernetesNode of the same name as the node that is looked at
     * @param fences of all nodes, as they are when it is called
     */
    record Seen(
            Optional<Node> kubernetesNode,
            List<ClusterNode> nodes,
            Supplier<List<NodeFence>> fences,
            List<FenceDevice> devices) {}

    /** @return what was decided upon */
    synchronized FenceFacts over(ClusterNode node, Seen seen) {
        seen.fences().get().stream()
                .filter(fence ->
                        fence.getSpec().nodeName().equals(node.getMetadata().getName()))
                .filter(executor::isOfFormerLeader)
                .forEach(executor::takeOver);
        FenceFacts facts = gatherer.gather(
                node, seen.kubernetesNode(), seen.nodes(), seen.fences().get(), seen.devices());
        FencePlanner.plan(facts).forEach(executor::carryOut);
        return facts;
    }

    /** Carries out the step for a NodeFence whose ClusterNode is gone. */
    synchronized void carryOut(FenceStep step) {
        executor.carryOut(step);
    }
}
