package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.operator.kube.Reconciliation;
import io.trustedlaunch.operator.kube.ResourceWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drains nodes whose maintenance is Drain, or that are drained in Kubernetes: creates a VMMigration for each VM, as many at a
 * time as the budget allows.
 */
@ControllerConfiguration(
        name = "drain",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 2, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class DrainReconciler implements Reconciler<ClusterNode> {
    private static final Logger LOG = LoggerFactory.getLogger(DrainReconciler.class);

    /** Field manager of the condition: the agent owns the rest of the status. */
    private static final String OWNER = "trusted-launch-operator-drain";

    private final String namespace;
    private final boolean hasGuards;
    private final ResourceWriter writer;
    private final NodeCondition condition;
    private final DrainBudget budget;
    private final InstantSource clock;
    private DrainEventSources sources;
    private DrainGatherer gatherer;

    /**
     * @param namespace the operator's own
     * @param hasGuards nodes with VMs have guards, whose eviction drains them
     */
    public DrainReconciler(
            String namespace, boolean hasGuards, ResourceWriter writer, DrainBudget budget, InstantSource clock) {
        this.namespace = namespace;
        this.hasGuards = hasGuards;
        this.writer = writer;
        this.condition = new NodeCondition(ConditionType.Drained, OWNER, writer);
        this.budget = budget;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ClusterNode>> prepareEventSources(EventSourceContext<ClusterNode> context) {
        sources = new DrainEventSources(context, namespace, hasGuards);
        gatherer = new DrainGatherer(sources, budget, clock);
        return sources.all();
    }

    @Override
    public UpdateControl<ClusterNode> reconcile(ClusterNode node, Context<ClusterNode> context) {
        return Reconciliation.of(() -> {
            DrainPlan plan = carryOut(node);
            condition.record(node, plan.drained());
            return plan.nextPass();
        });
    }

    /** One node at a time: all share one budget. */
    private synchronized DrainPlan carryOut(ClusterNode node) {
        DrainPlan plan = DrainPlanner.plan(gatherer.gather(node));
        plan.begin().forEach(guest -> begin(guest, node.getMetadata().getName()));
        plan.cancel().forEach(writer::delete);
        return plan;
    }

    private void begin(DrainFacts.Guest guest, String node) {
        VMMigration migration = new VMMigration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withNamespace(guest.namespace())
                .withName(guest.nextName())
                .withLabels(Map.of(Api.LABEL_DRAIN, DrainName.label(node)))
                .build());
        migration.setSpec(new VMMigrationSpec(new ObjectRef(guest.name()), null));
        sources.created(writer.createIfAbsent(migration));
        LOG.info("Drain of {}: migrating {}", node, guest.key());
    }
}
