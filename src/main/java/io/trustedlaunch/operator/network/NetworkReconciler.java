package io.trustedlaunch.operator.network;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Says of each VMNetwork which nodes have it, before the first VM starts there. Only a node whose networks change causes a write. */
@ControllerConfiguration(
        name = "network",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class NetworkReconciler implements Reconciler<VMNetwork> {
    private final StatusRecorder recorder;
    private final InstantSource clock;
    private WatchCache<ClusterNode> nodes;

    public NetworkReconciler(ResourceWriter writer, InstantSource clock) {
        this.recorder = new StatusRecorder(writer);
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, VMNetwork>> prepareEventSources(EventSourceContext<VMNetwork> context) {
        Watches<VMNetwork> watches = new Watches<>(context);
        nodes = watches.of(ClusterNode.class)
                .onChangeOf(NetworkReconciler::reported)
                .triggersAll();
        return watches.all();
    }

    private static Object reported(ClusterNode node) {
        return List.of(Enrolment.isEnrolled(node.status()), NetworkStatus.reported(node));
    }

    @Override
    public UpdateControl<VMNetwork> reconcile(VMNetwork network, Context<VMNetwork> context) {
        return Reconciliation.of(() -> {
            recorder.record(network, NetworkStatus.of(network, nodes.all(), clock.instant()), VMNetwork::new, context);
            return Optional.empty();
        });
    }
}
