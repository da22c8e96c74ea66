package io.trustedlaunch.operator.fencing;

import io.fabric8.kubernetes.api.model.Node;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.FenceDevice;
import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceStatus;
import io.trustedlaunch.api.NodeFenceStatus.Phase;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.kube.Reconciliation;
import io.trustedlaunch.operator.kube.ResourceWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    private InformerEventSource<NodeFence, ClusterNode> fences;
    private InformerEventSource<FenceDevice, ClusterNode> devices;
    private InformerEventSource<Node, ClusterNode> nodes;

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
        fences = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(NodeFence.class, ClusterNode.class)
                        .withSecondaryToPrimaryMapper(
                                fence -> Set.of(new ResourceID(fence.getSpec().nodeName())))
                        .withPrimaryToSecondaryMapper((ClusterNode node) -> Set.of())
                        .build(),
                context);
        devices = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(FenceDevice.class, ClusterNode.class)
                        .withSecondaryToPrimaryMapper(
                                device -> Set.of(new ResourceID(device.getSpec().nodeName())))
                        .withPrimaryToSecondaryMapper((ClusterNode node) -> Set.of())
                        .build(),
                context);
        nodes = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Node.class, ClusterNode.class)
                        .withSecondaryToPrimaryMapper(
                                node -> Set.of(new ResourceID(node.getMetadata().getName())))
                        .withPrimaryToSecondaryMapper((ClusterNode node) ->
                                Set.of(new ResourceID(node.getMetadata().getName())))
                        .withOnUpdateFilter((now, before) ->
                                FenceGatherer.isOutOfService(now) != FenceGatherer.isOutOfService(before))
                        .build(),
                context);
        return List.of(fences, devices, nodes);
    }

    @Override
    public UpdateControl<ClusterNode> reconcile(ClusterNode node, Context<ClusterNode> context) {
        return Reconciliation.of(() -> {
            FenceFacts facts = fencing.over(node, seen(node, context));
            boolean watches = facts.fences().stream().anyMatch(fence -> fence.phase() != Phase.Released)
                    || !facts.words().isEmpty();
            return watches ? Optional.of(LOOK_AGAIN) : untilItMayBeSilent(facts);
        });
    }

    private NodeFencing.Seen seen(ClusterNode node, Context<ClusterNode> context) {
        return new NodeFencing.Seen(
                nodes.get(ResourceID.fromResource(node)),
                context.getPrimaryCache().list().toList(),
                this::cached,
                devices.list(device -> true).toList());
    }

    /** What follows for a NodeFence whose ClusterNode is gone. */
    void carryOut(FenceStep step) {
        fencing.carryOut(step);
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
        return fences.list(fence -> true)
                .map(listed -> fences.get(ResourceID.fromResource(listed)).orElse(listed))
                .toList();
    }

    /** What this process wrote is in the cache before the next plan is made. */
    private final class OwnWrites implements FenceExecutor.Cache {
        @Override
        public void created(NodeFence fence) {
            fences.handleRecentResourceCreate(ResourceID.fromResource(fence), fence);
        }

        @Override
        public void written(NodeFence fence, NodeFence before) {
            fences.handleRecentResourceUpdate(ResourceID.fromResource(fence), fence, before);
        }

        @Override
        public void removed(NodeFence fence) {
            gatherer.forget(fence);
        }
    }
}
