package io.trustedlaunch.operator.fencing;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.LeaseWatch;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Incarnations;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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
    private final FakeApiServer server;
    private final SilenceCheck silence;
    private final FenceGatherer gatherer;
    private final InstantSource clock;

    /** @param leading throws if this process does not lead */
    public FakeFencing(
            FakeApiServer server,
            String leader,
            Runnable leading,
            AgentLiveness liveness,
            LongSupplier nanoTime,
            InstantSource clock) {
        this.server = server;
        HeardNodes heard = new HeardNodes(new LeaseHistory(nanoTime), new LeaseHistory(nanoTime));
        this.agents = heard.agents(liveness);
        this.kubelets = heard.ofKubelets();
        this.clock = clock;
        this.silence = new SilenceCheck(heard, Incarnations.NAMESPACE, leader, this::lease, leading);
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

    /** As the reconciler: what it has heard counts before it has written it. */
    public boolean isContradicted(NodeFence proved) {
        return gatherer.isContradicted(proved);
    }

    private Optional<Lease> lease(String namespace, String name) {
        return server.all(Lease.class)
                .filter(lease -> namespace.equals(lease.getMetadata().getNamespace())
                        && name.equals(lease.getMetadata().getName()))
                .findFirst();
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

    /** Over all nodes that its watches have brought, and all NodeFences whose node is gone. */
    public void pass(FakeApiServer cache, ResourceWriter writer) {
        NodeFencing fencing = new NodeFencing(
                gatherer,
                new FenceExecutor(silence, writer, Failpoints.none(), (fence, status) -> {}, new OwnWrites(cache)));
        cache.seen(ClusterNode.class).forEach(node -> unlessStale(() -> fencing.over(node, seen(node, cache))));
        cache.seen(NodeFence.class)
                .filter(fence -> server.find(ClusterNode.class, fence.getSpec().nodeName())
                        .isEmpty())
                .forEach(fence -> unlessStale(
                        () -> FencePlanner.withoutNode(fence, clock.instant()).ifPresent(fencing::carryOut)));
    }

    /** As the reconciler: it finds the statuses that it wrote at once, but what it created when the watch brings it. */
    private final class OwnWrites implements FenceExecutor.Cache {
        private final FakeApiServer cache;

        OwnWrites(FakeApiServer cache) {
            this.cache = cache;
        }

        @Override
        public void created(NodeFence fence) {}

        @Override
        public void written(NodeFence fence, NodeFence before) {
            cache.learn(fence);
        }

        @Override
        public void removed(NodeFence fence) {
            gatherer.forget(fence);
        }
    }

    /** As in the reconciler: the next pass over that node looks again. */
    private static void unlessStale(Runnable act) {
        try {
            act.run();
        } catch (StaleViewException e) {
            LOG.debug("Reconciling again: {}", e.getMessage());
        }
    }

    private static NodeFencing.Seen seen(ClusterNode node, FakeApiServer cache) {
        String name = node.getMetadata().getName();
        return new NodeFencing.Seen(
                cache.seen(Node.class)
                        .filter(one -> one.getMetadata().getName().equals(name))
                        .findFirst(),
                cache.seen(ClusterNode.class).toList(),
                () -> cache.seen(NodeFence.class).toList(),
                cache.seen(FenceDevice.class).toList());
    }
}
