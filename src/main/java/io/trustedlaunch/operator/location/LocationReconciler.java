package io.trustedlaunch.operator.location;

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
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.StorageLocationStatus;
import io.trustedlaunch.operator.kube.Reconciliation;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.kube.StatusRecorder;
import io.trustedlaunch.operator.node.AgentLiveness;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Collects the reports of all agents in the status of each location. */
@ControllerConfiguration(
        name = "location",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class LocationReconciler implements Reconciler<StorageLocation> {
    private final StatusRecorder recorder;
    private final AgentLiveness liveness;
    private final InstantSource clock;
    private InformerEventSource<ClusterNode, StorageLocation> nodes;

    public LocationReconciler(ResourceWriter writer, AgentLiveness liveness, InstantSource clock) {
        this.recorder = new StatusRecorder(writer);
        this.liveness = liveness;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, StorageLocation>> prepareEventSources(EventSourceContext<StorageLocation> context) {
        nodes = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ClusterNode.class, StorageLocation.class)
                        .withSecondaryToPrimaryMapper(node -> context.getPrimaryCache()
                                .list()
                                .map(ResourceID::fromResource)
                                .collect(Collectors.toSet()))
                        .withPrimaryToSecondaryMapper((StorageLocation location) -> Set.of())
                        .withOnUpdateFilter((now, before) -> !Objects.equals(reported(now), reported(before)))
                        .build(),
                context);
        return List.of(nodes);
    }

    private static Object reported(ClusterNode node) {
        return Optional.ofNullable(node.getStatus()).map(ClusterNodeStatus::storageLocations);
    }

    @Override
    public UpdateControl<StorageLocation> reconcile(StorageLocation location, Context<StorageLocation> context) {
        return Reconciliation.of(() -> {
            LocationFacts facts = facts(location);
            StorageLocationStatus status = LocationStatus.of(facts);
            recorder.record(
                    location,
                    status,
                    LocationEvents.of(Optional.ofNullable(location.getStatus()), status),
                    StorageLocation::new,
                    context);
            boolean settling = facts.reports().stream().anyMatch(report -> report.ready() && !report.settled());
            return settling ? Optional.of(LocationFacts.SETTLING) : Optional.empty();
        });
    }

    private LocationFacts facts(StorageLocation location) {
        return LocationFacts.of(location, nodes.list(node -> true).toList(), liveness, clock.instant());
    }
}
