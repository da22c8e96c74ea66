package io.trustedlaunch.operator.fencing;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.FenceDevice;
import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceSpec;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.LeaseWatch;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** One process of the operator: the real history of the Leases that it has seen, and the real plans for NodeFences. */
public final class FakeFencing {
    private static final int MIN_LIVING_PERCENT = 50;

    private final LeaseWatch.Listener agents;
    private final LeaseWatch.Listener kubelets;
    private final FenceGatherer gatherer;

    public FakeFencing(AgentLiveness liveness, LongSupplier nanoTime, InstantSource clock) {
        HeardNodes heard = new HeardNodes(new LeaseHistory(nanoTime), new LeaseHistory(nanoTime));
        this.agents = heard.agents(liveness);
        this.kubelets = heard.ofKubelets();
        this.gatherer = new FenceGatherer(heard, MIN_LIVING_PERCENT, clock);
    }

    /** Its watches bring the Leases that are there now. */
    public void hear(FakeApiServer server) {
        server.seen(Lease.class)
                .forEach(
                        lease -> (HeardNodes.KUBELETS.equals(lease.getMetadata().getNamespace()) ? kubelets : agents)
                                .seen(lease));
    }

    /** Over all nodes that its watches have brought. */
    public void pass(FakeApiServer cache, ResourceWriter writer) {
        cache.seen(ClusterNode.class)
                .forEach(node -> FencePlanner.plan(gather(node, cache)).forEach(step -> carryOut(step, cache, writer)));
    }

    private FenceFacts gather(ClusterNode node, FakeApiServer cache) {
        String name = node.getMetadata().getName();
        return gatherer.gather(
                node,
                cache.seen(Node.class)
                        .filter(one -> one.getMetadata().getName().equals(name))
                        .findFirst(),
                cache.seen(ClusterNode.class).toList(),
                cache.seen(NodeFence.class).toList(),
                cache.seen(FenceDevice.class).toList());
    }

    private static void carryOut(FenceStep step, FakeApiServer cache, ResourceWriter writer) {
        switch (step) {
            case FenceStep.Create(NodeFenceSpec spec) -> {
                NodeFence fence = new NodeFence();
                fence.setMetadata(new ObjectMetaBuilder()
                        .withName(NodeFence.nameOf(spec.nodeName(), spec.bootID()))
                        .build());
                fence.setSpec(spec);
                cache.learn(writer.createIfAbsent(fence));
            }
            case FenceStep.Report(NodeFence fence, var status) -> {
                NodeFence reported = new NodeFence();
                reported.setMetadata(fence.getMetadata());
                reported.setSpec(fence.getSpec());
                reported.setStatus(status);
                cache.learn(writer.replaceStatus(reported));
            }
            case FenceStep.Remove(NodeFence fence, String why) -> writer.delete(fence);
        }
    }
}
