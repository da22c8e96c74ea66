package io.trustedlaunch.operator.backup;

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
import io.trustedlaunch.api.BackupAction;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunStatus;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.kube.Reconciliation;
import io.trustedlaunch.operator.kube.ResourceWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes a run once what it was for is on record, and one whose VMBackup is gone, which cancels it. Its agent then clears
 * up what it has on its node.
 */
@ControllerConfiguration(
        name = "backuprun",
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class BackupRunReconciler implements Reconciler<BackupRun> {
    private static final Logger LOG = LoggerFactory.getLogger(BackupRunReconciler.class);

    private final String namespace;
    private final ApiReader reader;
    private final ResourceWriter writer;
    private final RunGrants grants;
    private InformerEventSource<VMBackup, BackupRun> backups;

    /** @param namespace the operator's own, where the runs are */
    public BackupRunReconciler(String namespace, ApiReader reader, ResourceWriter writer, RunGrants grants) {
        this.namespace = namespace;
        this.reader = reader;
        this.writer = writer;
        this.grants = grants;
    }

    @Override
    public List<EventSource<?, BackupRun>> prepareEventSources(EventSourceContext<BackupRun> context) {
        backups = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(VMBackup.class, BackupRun.class)
                        // Not only in the namespace of the runs.
                        .withWatchAllNamespaces()
                        .withSecondaryToPrimaryMapper(backup -> Arrays.stream(BackupAction.values())
                                .map(action ->
                                        BackupRun.nameOf(backup.getMetadata().getUid(), action))
                                .map(name -> new ResourceID(name, namespace))
                                .collect(Collectors.toSet()))
                        .withPrimaryToSecondaryMapper((BackupRun run) -> Set.of())
                        .withOnAddFilter(backup -> false)
                        .build(),
                context);
        return List.of(backups);
    }

    @Override
    public UpdateControl<BackupRun> reconcile(BackupRun run, Context<BackupRun> context) {
        if (Reconciliation.isGone(run, context)) {
            return UpdateControl.noUpdate();
        }
        return Reconciliation.of(() -> {
            over(
                    run,
                    backups.get(new ResourceID(
                            run.getSpec().backupRef().name(),
                            run.getSpec().vmRef().namespace())));
            return Optional.empty();
        });
    }

    /**
     * One pass over a run.
     *
     * @param watched the VMBackup of its name, as the watch has it
     */
    void over(BackupRun run, Optional<VMBackup> watched) {
        // Caches may be late.
        if (isWanted(run, watched)
                || isWanted(
                        run,
                        reader.backup(
                                run.getSpec().vmRef().namespace(),
                                run.getSpec().backupRef().name()))) {
            return;
        }
        LOG.info(
                "VMBackup {}/{} needs its run {} no more: removing it",
                run.getSpec().vmRef().namespace(),
                run.getSpec().backupRef().name(),
                run.getMetadata().getName());
        if (run.getSpec().action() == BackupAction.Backup
                && run.getSpec().location().s3() != null
                && !isCompleted(run)) {
            // Its node may remove nothing.
            reader.backupLocation(run.getSpec().location().name())
                    .map(location -> location.getSpec().s3())
                    .filter(bucket ->
                            bucket.url().equals(run.getSpec().location().s3()))
                    .ifPresent(bucket -> grants.removeFiles(run, bucket));
        }
        writer.delete(run);
    }

    private static boolean isCompleted(BackupRun run) {
        return run.getStatus() != null && run.getStatus().phase() == BackupRunStatus.Phase.Completed;
    }

    private static boolean isWanted(BackupRun run, Optional<VMBackup> backup) {
        return backup.filter(found -> found.getMetadata()
                        .getUid()
                        .equals(run.getSpec().backupRef().uid()))
                .filter(found -> !found.isMarkedForDeletion())
                .filter(found -> switch (run.getSpec().action()) {
                    case Backup -> !found.hasEnded();
                    case Remove -> found.removalRequested();
                    case Verify ->
                        !found.removalRequested() && found.pendingVerification().isPresent();
                })
                .isPresent();
    }
}
