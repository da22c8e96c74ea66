package io.trustedlaunch.operator.fencing;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
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
import io.trustedlaunch.api.NodeFenceSpec;
import io.trustedlaunch.api.NodeFenceStatus;
import io.trustedlaunch.api.NodeFenceStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the NodeFences of each ClusterNode: whether it is proved dead, and whether it is back. */
@ControllerConfiguration(
        name = "fencing",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class FenceReconciler implements Reconciler<ClusterNode> {
    private static final Logger LOG = LoggerFactory.getLogger(FenceReconciler.class);
    /** A Lease that changes or does not causes no event. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    private final FenceGatherer gatherer;
    private final ResourceWriter writer;
    private final Failpoints failpoints;
    private final BiConsumer<NodeFence, NodeFenceStatus> changed;
    private InformerEventSource<NodeFence, ClusterNode> fences;
    private InformerEventSource<FenceDevice, ClusterNode> devices;
    private InformerEventSource<Node, ClusterNode> nodes;

    /**
     * @param minLivingPercent with a smaller share of living nodes, none is fenced automatically
     * @param changed called with a NodeFence as it was, and its new status that was written
     */
    public FenceReconciler(
            HeardNodes heard,
            int minLivingPercent,
            ResourceWriter writer,
            InstantSource clock,
            Failpoints failpoints,
            BiConsumer<NodeFence, NodeFenceStatus> changed) {
        this.gatherer = new FenceGatherer(heard, minLivingPercent, clock);
        this.writer = writer;
        this.failpoints = failpoints;
        this.changed = changed;
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
            FenceFacts facts = decide(node, context);
            boolean watches = facts.fences().stream().anyMatch(fence -> fence.phase() != Phase.Released)
                    || !facts.words().isEmpty();
            return watches ? Optional.of(LOOK_AGAIN) : untilItMayBeSilent(facts);
        });
    }

    /** One node after the other: how many are fenced automatically at a time is counted from what was written before. */
    private synchronized FenceFacts decide(ClusterNode node, Context<ClusterNode> context) {
        FenceFacts facts = gatherer.gather(
                node,
                nodes.get(ResourceID.fromResource(node)),
                context.getPrimaryCache().list().toList(),
                cached(),
                devices.list(device -> true).toList());
        FencePlanner.plan(facts).forEach(this::carryOut);
        return facts;
    }

    private static Optional<Duration> untilItMayBeSilent(FenceFacts facts) {
        if (facts.devices().stream().noneMatch(device -> device.getSpec().automatic())) {
            return Optional.empty();
        }
        Duration left = facts.untilSilent();
        return Optional.of(left.compareTo(LOOK_AGAIN) < 0 ? LOOK_AGAIN : left);
    }

    /** All NodeFences, as the watch has them. */
    public List<NodeFence> cached() {
        return fences.list(fence -> true).toList();
    }

    private void carryOut(FenceStep step) {
        switch (step) {
            case FenceStep.Create(NodeFenceSpec spec) -> create(spec);
            case FenceStep.Report(NodeFence fence, var status) -> {
                NodeFence reported = new NodeFence();
                reported.setMetadata(fence.getMetadata());
                reported.setSpec(fence.getSpec());
                reported.setStatus(status);
                NodeFence written = writer.replaceStatus(reported);
                changed.accept(fence, status);
                FenceEvents.of(Optional.ofNullable(fence.getStatus()), status)
                        .ifPresent(event -> writer.event(written, event));
                fences.handleRecentResourceUpdate(ResourceID.fromResource(written), written, fence);
                LOG.info("{} is {}: {}", name(fence), status.phase(), status.message());
                point(status.phase()).ifPresent(failpoints::reached);
            }
            case FenceStep.Remove(NodeFence fence, String why) -> {
                writer.delete(fence);
                gatherer.forget(fence);
                FenceEvents.removed(Optional.ofNullable(fence.getStatus()), why)
                        .ifPresent(event -> writer.event(fence, event));
                LOG.info("{} is removed: {}", name(fence), why);
            }
        }
    }

    private void create(NodeFenceSpec spec) {
        NodeFence fence = new NodeFence();
        fence.setMetadata(new ObjectMetaBuilder()
                .withName(NodeFence.nameOf(spec.nodeName(), spec.bootID()))
                .build());
        fence.setSpec(spec);
        NodeFence created = writer.createIfAbsent(fence);
        fences.handleRecentResourceCreate(ResourceID.fromResource(created), created);
        LOG.info("{} is requested", name(created));
        failpoints.reached(Failpoint.OPERATOR_FENCE_REQUESTED);
    }

    private static Optional<Failpoint> point(Phase phase) {
        return switch (phase) {
            case Fencing -> Optional.of(Failpoint.OPERATOR_FENCE_FENCING);
            case Proved -> Optional.of(Failpoint.OPERATOR_FENCE_PROVED);
            case Released -> Optional.of(Failpoint.OPERATOR_FENCE_RELEASED);
            case Requested, Failed, Contradicted -> Optional.empty();
        };
    }

    private static String name(NodeFence fence) {
        return "NodeFence " + fence.getMetadata().getName();
    }
}
