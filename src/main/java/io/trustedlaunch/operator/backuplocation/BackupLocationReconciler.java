package io.trustedlaunch.operator.backuplocation;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.MarkerOrder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Says of each BackupLocation whether its store is there: as nodes report its folder, and as the operator finds its bucket. */
@ControllerConfiguration(
        name = "backuplocation",
        // An annotation orders the marker.
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class BackupLocationReconciler implements Reconciler<BackupLocation> {
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    /** Less than an answer is kept for. */
    private static final Duration WHILE_UNANSWERED = Duration.ofSeconds(3);

    private final StatusRecorder recorder;
    private final BucketMarkers buckets;
    private final InstantSource clock;
    private WatchCache<ClusterNode> nodes;

    public BackupLocationReconciler(ResourceWriter writer, BucketMarkers buckets, InstantSource clock) {
        this.recorder = new StatusRecorder(writer);
        this.buckets = buckets;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, BackupLocation>> prepareEventSources(EventSourceContext<BackupLocation> context) {
        Watches<BackupLocation> watches = new Watches<>(context);
        nodes = watches.of(ClusterNode.class)
                .onChangeOf(BackupLocationReconciler::reported)
                .triggersAll();
        return watches.all();
    }

    private static Object reported(ClusterNode node) {
        return List.of(
                Enrolment.isEnrolled(node.status()),
                node.status().map(ClusterNodeStatus::backupFolders).orElseGet(List::of));
    }

    @Override
    public UpdateControl<BackupLocation> reconcile(BackupLocation location, Context<BackupLocation> context) {
        return Reconciliation.of(() -> {
            BackupLocationFacts facts = facts(location);
            BackupLocationStatuses.of(facts)
                    .ifPresent(status -> recorder.record(location, status, BackupLocation::new, context));
            return next(facts);
        });
    }

    private BackupLocationFacts facts(BackupLocation location) {
        return new BackupLocationFacts(location, nodes.all(), bucket(location), clock.instant());
    }

    private Optional<Result<Optional<UUID>>> bucket(BackupLocation location) {
        return Optional.ofNullable(location.getSpec().s3())
                .flatMap(bucket -> buckets.look(
                        bucket,
                        MarkerOrder.due(location, Optional.empty(), clock.instant())
                                .map(UUID::fromString)));
    }

    private static Optional<Duration> next(BackupLocationFacts facts) {
        if (facts.location().getSpec().s3() != null) {
            return Optional.of(facts.isUnanswered() ? WHILE_UNANSWERED : INTERVAL);
        }
        return facts.currentOrder().map(order -> INTERVAL);
    }
}
