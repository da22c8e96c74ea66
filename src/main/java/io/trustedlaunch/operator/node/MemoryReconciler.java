package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Node;
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
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Writes into each ClusterNode whether pods can take the memory of its VMs. */
@ControllerConfiguration(
        name = "memory",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class MemoryReconciler implements Reconciler<ClusterNode> {
    private static final String OWNER = "trusted-launch-operator-memory";

    private final NodeCondition condition;
    private final InstantSource clock;
    private WatchCache<Node> nodes;

    public MemoryReconciler(ResourceWriter writer, InstantSource clock) {
        this.condition = new NodeCondition(ConditionType.MemoryReserved, OWNER, writer);
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ClusterNode>> prepareEventSources(EventSourceContext<ClusterNode> context) {
        Watches<ClusterNode> watches = new Watches<>(context);
        nodes = watches.of(Node.class).onChangeOf(MemoryReservation::of).triggersNamesake();
        return watches.all();
    }

    @Override
    public UpdateControl<ClusterNode> reconcile(ClusterNode node, Context<ClusterNode> context) {
        return Reconciliation.of(() -> {
            condition.record(
                    node,
                    Optional.of(MemoryCondition.of(
                            node,
                            MemoryReservation.of(nodes.get(node.getMetadata().getName())),
                            clock.instant())));
            return Optional.empty();
        });
    }
}
