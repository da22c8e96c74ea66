package io.trustedlaunch.operator.node;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.operator.node.ReadyCondition.Heard;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Writes into each ClusterNode whether it is ready: an agent that is gone, or whose host is dead, cannot take that back itself. */
@ControllerConfiguration(
        name = "ready",
        // The agent's reports are in the status.
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 2, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class ReadyReconciler implements Reconciler<ClusterNode> {
    /** Field manager of the condition: the agent owns the rest of the status. */
    private static final String OWNER = "trusted-launch-operator-ready";

    /** A Lease that changes or does not causes no event. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    private final AgentLiveness liveness;
    private final NodeCondition condition;
    private final InstantSource clock;
    private WatchCache<NodeFence> fences;

    public ReadyReconciler(AgentLiveness liveness, ResourceWriter writer, InstantSource clock) {
        this.liveness = liveness;
        this.condition = new NodeCondition(ConditionType.Ready, OWNER, writer);
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ClusterNode>> prepareEventSources(EventSourceContext<ClusterNode> context) {
        Watches<ClusterNode> watches = new Watches<>(context);
        fences = watches.of(NodeFence.class)
                .triggersNamed(fence -> fence.getSpec().nodeName());
        return watches.all();
    }

    @Override
    public UpdateControl<ClusterNode> reconcile(ClusterNode node, Context<ClusterNode> context) {
        return Reconciliation.of(() -> Optional.of(record(node, fences.all())));
    }

    /** @return when to look again */
    Duration record(ClusterNode node, List<NodeFence> known) {
        String name = node.getMetadata().getName();
        Heard heard =
                liveness.isRenewed(name) ? Heard.Lately : liveness.isAlive(name) ? Heard.NotYet : Heard.NotAnyMore;
        condition.record(node, ReadyCondition.all(node, heard, known, clock.instant()));
        return heard == Heard.Lately ? liveness.untilSilent(name).plus(Duration.ofSeconds(1)) : LOOK_AGAIN;
    }
}
