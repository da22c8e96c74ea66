package io.trustedlaunch.operator.backup;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.quota.QuotaAmounts;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.fencing.Fences;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.quota.QuotaLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** Has backups made by the agents of the nodes where their VMs run, and records what these report. */
@ControllerConfiguration(
        name = "backup",
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class BackupReconciler implements Reconciler<VMBackup> {
    /** Picks up what changes without an event: that a node is proved dead. */
    private static final Duration WHILE_OPEN = Duration.ofSeconds(10);

    private final String namespace;
    private final ApiReader reader;
    private final ResourceWriter writer;
    private final StatusRecorder recorder;
    private final Fences fences;
    private final RunGrants grants;
    private final RunEscrows escrows;
    private final BackupKeySealer keys;
    private final RunLimits limits;
    private final Optional<QuotaAmounts> defaultQuota;
    private final Runnable confirmLeadership;
    private final Supplier<ClusterTime> clocks;
    private final Failpoints failpoints;
    private BackupPass pass;
    private Function<VMBackup, Optional<TrustedLaunchVM>> vmOf;

    /**
     * @param namespace the operator's own
     * @param defaultQuota of namespaces that have no VMQuota
     */
    public BackupReconciler(
            String namespace,
            ApiReader reader,
            ResourceWriter writer,
            Fences fences,
            RunGrants grants,
            RunEscrows escrows,
            BackupKeySealer keys,
            RunLimits limits,
            Optional<QuotaAmounts> defaultQuota,
            Runnable confirmLeadership,
            Supplier<ClusterTime> clocks,
            Failpoints failpoints) {
        this.namespace = namespace;
        this.reader = reader;
        this.writer = writer;
        this.recorder = new StatusRecorder(writer);
        this.fences = fences;
        this.grants = grants;
        this.escrows = escrows;
        this.keys = keys;
        this.limits = limits;
        this.defaultQuota = defaultQuota;
        this.confirmLeadership = confirmLeadership;
        this.clocks = clocks;
        this.failpoints = failpoints;
    }

    @Override
    public List<EventSource<?, VMBackup>> prepareEventSources(EventSourceContext<VMBackup> context) {
        BackupEventSources sources = new BackupEventSources(context, namespace);
        vmOf = backup -> sources.vm(
                backup.getMetadata().getNamespace(), backup.getSpec().vmRef().name());
        pass = new BackupPass(
                new BackupGatherer(namespace, sources, reader, fences, clocks),
                writer,
                grants,
                escrows,
                keys,
                limits,
                new BackupQuotas(
                        namespace,
                        new QuotaLimits(defaultQuota, sources::quotasIn),
                        sources::backupsIn,
                        reader,
                        confirmLeadership),
                failpoints);
        return sources.all();
    }

    @Override
    public UpdateControl<VMBackup> reconcile(VMBackup backup, Context<VMBackup> context) {
        if (Reconciliation.isGone(backup, context) || backup.hasEnded() || backup.wasImported()) {
            return UpdateControl.noUpdate();
        }
        return Reconciliation.of(() -> {
            VMBackupStatus status = pass.over(backup);
            BackupEvents events = BackupEvents.of(backup, status);
            recorder.record(backup, status, events.ofBackup().stream().toList(), VMBackup::new, context);
            events.ofVm().ifPresent(event -> vmOf.apply(backup).ifPresent(vm -> writer.event(vm, event)));
            return Optional.of(WHILE_OPEN);
        });
    }
}
