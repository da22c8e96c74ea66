package io.trustedlaunch.operator.migration;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.operator.kube.ApiReader;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Reports the progress of migrations, and deletes old ones. The VM's controller carries them out. */
@ControllerConfiguration(
        name = "migration",
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class MigrationReconciler implements Reconciler<VMMigration> {
    /** Picks up what changes without an event: messages of pending migrations. */
    private static final Duration WHILE_OPEN = Duration.ofSeconds(10);

    private final String namespace;
    private final ResourceWriter writer;
    private final StatusRecorder recorder;
    private final ApiReader reader;
    private final PendingMigrations pending;
    private final Duration retention;
    private final InstantSource clock;
    private final Consumer<VMMigrationStatus> ended;
    private MigrationGatherer gatherer;

    /**
     * @param namespace the operator's own
     * @param retention how long a migration is kept after its end
     * @param ended called once with the status of each migration that has ended, when it is on record
     */
    public MigrationReconciler(
            String namespace,
            ResourceWriter writer,
            ApiReader reader,
            PendingMigrations pending,
            Duration retention,
            InstantSource clock,
            Consumer<VMMigrationStatus> ended) {
        this.namespace = namespace;
        this.writer = writer;
        this.recorder = new StatusRecorder(writer);
        this.reader = reader;
        this.pending = pending;
        this.retention = retention;
        this.clock = clock;
        this.ended = ended;
    }

    @Override
    public List<EventSource<?, VMMigration>> prepareEventSources(EventSourceContext<VMMigration> context) {
        MigrationEventSources sources = new MigrationEventSources(context, namespace);
        gatherer = new MigrationGatherer(sources, reader, pending, clock);
        return sources.all(pending.changes());
    }

    @Override
    public UpdateControl<VMMigration> reconcile(VMMigration migration, Context<VMMigration> context) {
        if (Reconciliation.isGone(migration, context)) {
            return UpdateControl.noUpdate();
        }
        return Reconciliation.of(() -> pass(migration, context));
    }

    private Optional<Duration> pass(VMMigration migration, Context<VMMigration> context) {
        if (migration.hasEnded()) {
            return deleteIfOld(migration);
        }
        VMMigrationStatus status = MigrationStatus.of(gatherer.gather(migration));
        recorder.record(migration, status, VMMigration::new, context);
        if (status == null || status.completionTime() == null) {
            return Optional.of(WHILE_OPEN);
        }
        ended.accept(status);
        return Optional.of(retention);
    }

    private Optional<Duration> deleteIfOld(VMMigration migration) {
        Duration left = left(migration, retention, clock.instant());
        if (left.isPositive()) {
            return Optional.of(left);
        }
        writer.delete(migration);
        return Optional.empty();
    }

    /** It is a mere record: one that ended in the future goes at once. */
    static Duration left(VMMigration migration, Duration retention, Instant now) {
        return RecordedTime.left(retention, Instant.parse(migration.getStatus().completionTime()), now);
    }
}
