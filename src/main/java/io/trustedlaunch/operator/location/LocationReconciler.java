package io.trustedlaunch.operator.location;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.operator.node.AgentLiveness;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Collects the reports of all agents in the status of each location. */
@ControllerConfiguration(
        name = "location",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class LocationReconciler implements Reconciler<StorageLocation> {
    private final StatusRecorder recorder;
    private final AgentLiveness liveness;
    private final InstantSource clock;
    private WatchCache<ClusterNode> nodes;

    public LocationReconciler(ResourceWriter writer, AgentLiveness liveness, InstantSource clock) {
        this.recorder = new StatusRecorder(writer);
        this.liveness = liveness;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, StorageLocation>> prepareEventSources(EventSourceContext<StorageLocation> context) {
        Watches<StorageLocation> watches = new Watches<>(context);
        nodes = watches.of(ClusterNode.class)
                .onChangeOf(LocationReconciler::reported)
                .triggersAll();
        return watches.all();
    }

    private static Object reported(ClusterNode node) {
        return node.status().map(ClusterNodeStatus::storageLocations);
    }

    @Override
    public UpdateControl<StorageLocation> reconcile(StorageLocation location, Context<StorageLocation> context) {
        return Reconciliation.of(() -> {
            LocationFacts facts = facts(location);
            StorageLocationStatus status = LocationStatus.of(facts);
            recorder.record(
                    location, status, LocationEvents.of(location.status(), status), StorageLocation::new, context);
            boolean settling = facts.reports().stream().anyMatch(report -> report.ready() && !report.settled());
            return settling ? Optional.of(LocationFacts.SETTLING) : Optional.empty();
        });
    }

    private LocationFacts facts(StorageLocation location) {
        return LocationFacts.of(location, nodes.all(), liveness, clock.instant());
    }
}
