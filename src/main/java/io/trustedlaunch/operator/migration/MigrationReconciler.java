package io.trustedlaunch.operator.migration;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationStatus;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.kube.StaleViewException;
import io.trustedlaunch.operator.kube.StatusRecorder;
import io.trustedlaunch.operator.vm.VmSight;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Tells of every move how far it is, and clears away those that ended a while ago. The VM's own controller moves it. */
@ControllerConfiguration(
        name = "migration",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class MigrationReconciler implements Reconciler<VMMigration> {
    /** What a move waits for is told by its VM's controller, which has no event for it. */
    private static final Duration WHILE_IT_WAITS = Duration.ofSeconds(10);

    private static final Duration AFTER_A_CONFLICT = Duration.ofMillis(300);

    private final String namespace;
    private final ResourceWriter writer;
    private final StatusRecorder recorder;
    private final ApiReader tenants;
    private final VmSight vms;
    private final Duration kept;
    private final InstantSource clock;
    private MigrationGatherer gatherer;

    /**
     * @param namespace the operator's own
     * @param kept how long one that has ended stays to be read
     */
    public MigrationReconciler(
            String namespace,
            ResourceWriter writer,
            ApiReader tenants,
            VmSight vms,
            Duration kept,
            InstantSource clock) {
        this.namespace = namespace;
        this.writer = writer;
        this.recorder = new StatusRecorder(writer);
        this.tenants = tenants;
        this.vms = vms;
        this.kept = kept;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, VMMigration>> prepareEventSources(EventSourceContext<VMMigration> context) {
        MigrationEventSources sources = new MigrationEventSources(context, namespace);
        gatherer = new MigrationGatherer(sources, tenants, vms, clock);
        return sources.all();
    }

    @Override
    public UpdateControl<VMMigration> reconcile(VMMigration migration, Context<VMMigration> context) {
        try {
            if (migration.getStatus() != null && migration.getStatus().completionTime() != null) {
                return clearAway(migration);
            }
            VMMigrationStatus status = MigrationStatus.of(gatherer.gather(migration));
            UpdateControl<VMMigration> control = recorder.record(migration, status, new VMMigration(), context);
            return control.getScheduleDelay().isPresent()
                    ? control
                    : control.rescheduleAfter(
                            status == null || status.completionTime() == null ? WHILE_IT_WAITS : kept);
        } catch (StaleViewException e) {
            return UpdateControl.<VMMigration>noUpdate().rescheduleAfter(AFTER_A_CONFLICT);
        }
    }

    private UpdateControl<VMMigration> clearAway(VMMigration migration) {
        Duration left = Duration.between(
                clock.instant(),
                Instant.parse(migration.getStatus().completionTime()).plus(kept));
        if (left.isPositive()) {
            return UpdateControl.<VMMigration>noUpdate().rescheduleAfter(left);
        }
        writer.delete(migration);
        return UpdateControl.noUpdate();
    }
}
