package io.trustedlaunch.operator.fencing;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.FenceDevice;
import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceSpec;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.kube.StaleViewException;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.LeaseWatch;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One process of the operator: the real history of the Leases that it has seen, and the real plans for NodeFences. */
public final class FakeFencing {
    private static final int MIN_LIVING_PERCENT = 50;

    private static final Logger LOG = LoggerFactory.getLogger(FakeFencing.class);

    private final Map<String, Lease> seenOfAgents = new HashMap<>();
    private final Map<String, Lease> seenOfKubelets = new HashMap<>();
    private final LeaseWatch.Listener agents;
    private final LeaseWatch.Listener kubelets;
    private final FenceGatherer gatherer;
    private final InstantSource clock;

    public FakeFencing(AgentLiveness liveness, LongSupplier nanoTime, InstantSource clock) {
        HeardNodes heard = new HeardNodes(new LeaseHistory(nanoTime), new LeaseHistory(nanoTime));
        this.agents = heard.agents(liveness);
        this.kubelets = heard.ofKubelets();
        this.clock = clock;
        this.gatherer = new FenceGatherer(heard, MIN_LIVING_PERCENT, clock);
    }

    /** Its watch brings the Leases of agents as they are there. */
    public void hearAgents(FakeApiServer server) {
        hear(server.seen(Lease.class).filter(lease -> !isOfKubelet(lease)), seenOfAgents, agents);
    }

    /** Another watch brings those of kubelets. */
    public void hearKubelets(FakeApiServer server) {
        hear(server.seen(Lease.class).filter(FakeFencing::isOfKubelet), seenOfKubelets, kubelets);
    }

    private static boolean isOfKubelet(Lease lease) {
        return HeardNodes.KUBELETS.equals(lease.getMetadata().getNamespace());
    }

    private static void hear(Stream<Lease> now, Map<String, Lease> before, LeaseWatch.Listener listener) {
        Map<String, Lease> there =
                now.collect(Collectors.toMap(lease -> lease.getMetadata().getName(), lease -> lease));
        there.values().forEach(listener::seen);
        before.keySet().removeAll(there.keySet());
        before.values().forEach(listener::deleted);
        before.clear();
        before.putAll(there);
    }

    /**
     * Over all nodes that its watches have brought. It sees its own writes when a watch brings them: the reconciler lists
     * NodeFences from the informer, which does not have them at once.
     */
    public void pass(FakeApiServer cache, ResourceWriter writer) {
        cache.seen(ClusterNode.class)
                .forEach(node -> unlessStale(
                        () -> FencePlanner.plan(gather(node, cache)).forEach(step -> carryOut(step, writer))));
    }

    /** As in the reconciler: the next pass over that node looks again. */
    private static void unlessStale(Runnable act) {
        try {
            act.run();
        } catch (StaleViewException e) {
            LOG.debug("Reconciling again: {}", e.getMessage());
        }
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

    private void carryOut(FenceStep step, ResourceWriter writer) {
        switch (step) {
            case FenceStep.Create(NodeFenceSpec spec) -> {
                NodeFence fence = new NodeFence();
                fence.setMetadata(new ObjectMetaBuilder()
                        .withName(NodeFence.nameOf(spec.nodeName(), spec.bootID()))
                        .withCreationTimestamp(
                                clock.instant().truncatedTo(ChronoUnit.SECONDS).toString())
                        .build());
                fence.setSpec(spec);
                writer.createIfAbsent(fence);
            }
            case FenceStep.Report(NodeFence fence, var status) -> {
                NodeFence reported = new NodeFence();
                reported.setMetadata(fence.getMetadata());
                reported.setSpec(fence.getSpec());
                reported.setStatus(status);
                writer.replaceStatus(reported);
            }
            case FenceStep.Remove(NodeFence fence, String why) -> {
                writer.delete(fence);
                gatherer.forget(fence);
            }
        }
    }
}
