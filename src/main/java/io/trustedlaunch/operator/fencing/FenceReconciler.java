package io.trustedlaunch.operator.fencing;

import io.fabric8.kubernetes.api.model.Node;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.failpoint.Failpoints;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** Keeps the NodeFences of each ClusterNode: whether it is proved dead, and whether it is back. */
@ControllerConfiguration(
        name = "fencing",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class FenceReconciler implements Reconciler<ClusterNode> {
    /** A Lease that changes or does not causes no event. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    private final FenceGatherer gatherer;
    private final NodeFencing fencing;
    private WatchCache<NodeFence> fences;
    private WatchCache<FenceDevice> devices;
    private WatchCache<Node> nodes;

    /**
     * @param silence the last look before silence is believed
     * @param minLivingPercent with a smaller share of living nodes, none is fenced automatically
     * @param changed called with a NodeFence as it was, and its new status that was written
     */
    public FenceReconciler(
            SilenceCheck silence,
            int minLivingPercent,
            ResourceWriter writer,
            InstantSource clock,
            Failpoints failpoints,
            BiConsumer<NodeFence, NodeFenceStatus> changed) {
        this.gatherer = new FenceGatherer(silence.heard(), minLivingPercent, clock);
        this.fencing =
                new NodeFencing(gatherer, new FenceExecutor(silence, writer, failpoints, changed, new OwnWrites()));
    }

    @Override
    public List<EventSource<?, ClusterNode>> prepareEventSources(EventSourceContext<ClusterNode> context) {
        Watches<ClusterNode> watches = new Watches<>(context);
        fences = watches.of(NodeFence.class)
                .triggersNamed(fence -> fence.getSpec().nodeName());
        devices = watches.of(FenceDevice.class)
                .triggersNamed(device -> device.getSpec().nodeName());
        nodes = watches.of(Node.class).onChangeOf(FenceGatherer::isOutOfService).triggersNamesake();
        return watches.all();
    }

    @Override
    public UpdateControl<ClusterNode> reconcile(ClusterNode node, Context<ClusterNode> context) {
        return Reconciliation.of(() -> {
            FenceFacts facts = fencing.over(node, seen(node, context));
            boolean watches = facts.fences().stream().anyMatch(fence -> fence.phase() != Phase.Released)
                    || !facts.requests().isEmpty();
            return watches ? Optional.of(LOOK_AGAIN) : untilItMayBeSilent(facts);
        });
    }

    private NodeFencing.Seen seen(ClusterNode node, Context<ClusterNode> context) {
        return new NodeFencing.Seen(
                nodes.get(node.getMetadata().getName()),
                context.getPrimaryCache().list().toList(),
                this::cached,
                devices.all());
    }

    /** Carries out the step for a NodeFence whose ClusterNode is gone. */
    void carryOut(FenceStep step) {
        fencing.carryOut(step);
    }

    /** The agent of a boot that is proved over was heard since; the next look at that node puts it on record. */
    public boolean isContradicted(NodeFence proved) {
        return gatherer.isContradicted(proved);
    }

    private static Optional<Duration> untilItMayBeSilent(FenceFacts facts) {
        if (facts.devices().stream().noneMatch(device -> device.getSpec().automatic())) {
            return Optional.empty();
        }
        Duration left = facts.untilSilentWhileWatched();
        return Optional.of(left.compareTo(LOOK_AGAIN) < 0 ? LOOK_AGAIN : left);
    }

    /**
     * All NodeFences, as the watch has them or as this process has written them last: the SDK lists only the former, and how
     * many nodes are fenced at a time would be counted without the one before.
     */
    public List<NodeFence> cached() {
        return fences.stream()
                .map(listed -> fences.get(listed.getMetadata().getName()).orElse(listed))
                .toList();
    }

    /** Puts this process's writes into the cache before the next plan is made. */
    private final class OwnWrites implements FenceExecutor.Cache {
        @Override
        public void created(NodeFence fence) {
            fences.created(fence);
        }

        @Override
        public void written(NodeFence fence, NodeFence before) {
            fences.updated(fence, before);
        }

        @Override
        public void removed(NodeFence fence) {
            gatherer.forget(fence);
        }
    }
}
