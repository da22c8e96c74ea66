package io.trustedlaunch.operator.node;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Drains nodes whose maintenance is Drain, or that are drained in Kubernetes. */
@ControllerConfiguration(
        name = "drain",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 2, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class DrainReconciler implements Reconciler<ClusterNode> {
    private final String namespace;
    private final boolean hasGuards;
    private final ResourceWriter writer;
    private final DrainBudget budget;
    private final InstantSource clock;
    private NodeDrain drain;

    /**
     * @param namespace the operator's own
     * @param hasGuards nodes with VMs have guards, whose eviction drains them
     */
    public DrainReconciler(
            String namespace, boolean hasGuards, ResourceWriter writer, DrainBudget budget, InstantSource clock) {
        this.namespace = namespace;
        this.hasGuards = hasGuards;
        this.writer = writer;
        this.budget = budget;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ClusterNode>> prepareEventSources(EventSourceContext<ClusterNode> context) {
        DrainEventSources sources = new DrainEventSources(context, namespace, hasGuards);
        drain = new NodeDrain(sources, writer, budget, clock);
        return sources.all();
    }

    @Override
    public UpdateControl<ClusterNode> reconcile(ClusterNode node, Context<ClusterNode> context) {
        return Reconciliation.of(() -> drain.over(node));
    }
}
