package io.trustedlaunch.operator.node;

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
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.operator.kube.Reconciliation;
import io.trustedlaunch.operator.kube.ResourceWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    public MemoryReconciler(ResourceWriter writer, InstantSource clock) {
        this.condition = new NodeCondition(ConditionType.MemoryReserved, OWNER, writer);
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ClusterNode>> prepareEventSources(EventSourceContext<ClusterNode> context) {
        return List.of(new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Node.class, ClusterNode.class)
                        .withSecondaryToPrimaryMapper(
                                node -> Set.of(new ResourceID(node.getMetadata().getName())))
                        .withPrimaryToSecondaryMapper((ClusterNode node) ->
                                Set.of(new ResourceID(node.getMetadata().getName())))
                        .withOnUpdateFilter(
                                (now, before) -> !MemoryReservation.of(now).equals(MemoryReservation.of(before)))
                        .build(),
                context));
    }

    @Override
    public UpdateControl<ClusterNode> reconcile(ClusterNode node, Context<ClusterNode> context) {
        return Reconciliation.of(() -> {
            condition.record(
                    node,
                    Optional.of(MemoryCondition.of(
                            node, MemoryReservation.of(context.getSecondaryResource(Node.class)), clock.instant())));
            return Optional.empty();
        });
    }
}
