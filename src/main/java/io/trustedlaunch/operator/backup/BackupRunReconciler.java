package io.trustedlaunch.operator.backup;

import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.kube.ApiReader;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Removes a run once its result is on record, or its failure before another attempt, and one whose VMBackup is gone, which cancels it. */
@ControllerConfiguration(
        name = "backuprun",
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class BackupRunReconciler extends RunRemover<BackupRun, VMBackup> {
    private final ApiReader reader;
    private final RunGrants grants;

    /** @param namespace the operator's own, where the runs are */
    public BackupRunReconciler(String namespace, ApiReader reader, ResourceWriter writer, RunGrants grants) {
        super(VMBackup.class, namespace, reader::backup, writer);
        this.reader = reader;
        this.grants = grants;
    }

    @Override
    protected Stream<String> runsOf(VMBackup backup) {
        return Stream.of(backup.getMetadata().getUid());
    }

    @Override
    protected ResourceID subjectOf(BackupRun run) {
        return new ResourceID(
                run.getSpec().backupRef().name(), run.getSpec().vmRef().namespace());
    }

    @Override
    protected boolean isNeeded(BackupRun run, VMBackup backup) {
        return backup.getMetadata().getUid().equals(run.getSpec().backupRef().uid())
                && !backup.isMarkedForDeletion()
                && !backup.hasEnded()
                && !backup.hasGivenUp(run);
    }

    /** The node of a backup into a bucket may remove nothing there. */
    @Override
    protected void clearUp(BackupRun run) {
        if (run.getSpec().location().s3() != null && run.phase() != RunPhase.Completed) {
            reader.backupLocation(run.getSpec().location().name())
                    .filter(location -> BackupRunSpec.Location.of(location)
                            .equals(run.getSpec().location()))
                    .ifPresent(location -> grants.removeFiles(run, location.getSpec()));
        }
    }
}
