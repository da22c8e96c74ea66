package io.trustedlaunch.operator.fencing;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.Watches;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Removes NodeFences that prove nothing once their ClusterNode is gone: they are not requested any more. */
@ControllerConfiguration(
        name = "stray-fence",
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class StrayFenceReconciler implements Reconciler<NodeFence> {
    private final Function<String, Optional<ClusterNode>> node;
    private final FenceReconciler fences;
    private final InstantSource clock;

    /**
     * @param node reads one ClusterNode from the API server, and not from a cache
     * @param fences carries out what follows
     */
    public StrayFenceReconciler(
            Function<String, Optional<ClusterNode>> node, FenceReconciler fences, InstantSource clock) {
        this.node = node;
        this.fences = fences;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, NodeFence>> prepareEventSources(EventSourceContext<NodeFence> context) {
        Watches<NodeFence> watches = new Watches<>(context);
        watches.of(ClusterNode.class)
                .onAddIf(added -> false)
                .onNoUpdate()
                .triggersMatching((deleted, fence) ->
                        fence.getSpec().nodeName().equals(deleted.getMetadata().getName()));
        return watches.all();
    }

    @Override
    public UpdateControl<NodeFence> reconcile(NodeFence fence, Context<NodeFence> context) {
        return Reconciliation.of(() -> {
            if (!Reconciliation.isGone(fence, context)
                    && node.apply(fence.getSpec().nodeName()).isEmpty()) {
                FencePlanner.withoutNode(fence, clock.instant()).ifPresent(fences::carryOut);
            }
            return Optional.<Duration>empty();
        });
    }
}
