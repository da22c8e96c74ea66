package io.trustedlaunch.operator.backup;

import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.BackupAction;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunStatus;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.kube.ApiReader;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Removes a run once what it was for is on record, and one whose VMBackup is gone, which cancels it. */
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
    Stream<String> runsOf(VMBackup backup) {
        return Arrays.stream(BackupAction.values())
                .map(action -> BackupRun.nameOf(backup.getMetadata().getUid(), action));
    }

    @Override
    ResourceID subjectOf(BackupRun run) {
        return new ResourceID(
                run.getSpec().backupRef().name(), run.getSpec().vmRef().namespace());
    }

    @Override
    boolean isNeeded(BackupRun run, VMBackup backup) {
        return backup.getMetadata().getUid().equals(run.getSpec().backupRef().uid())
                && !backup.isMarkedForDeletion()
                && switch (run.getSpec().action()) {
                    case Backup -> !backup.hasEnded();
                    case Remove -> backup.removalRequested();
                    case Verify ->
                        !backup.removalRequested()
                                && backup.pendingVerification().isPresent();
                };
    }

    /** The node of a backup into a bucket may remove nothing there. */
    @Override
    void clearUp(BackupRun run) {
        if (run.getSpec().action() == BackupAction.Backup
                && run.getSpec().location().s3() != null
                && !isCompleted(run)) {
            reader.backupLocation(run.getSpec().location().name())
                    .map(location -> location.getSpec().s3())
                    .filter(bucket ->
                            bucket.url().equals(run.getSpec().location().s3()))
                    .ifPresent(bucket -> grants.removeFiles(run, bucket));
        }
    }

    private static boolean isCompleted(BackupRun run) {
        return run.getStatus() != null && run.getStatus().phase() == BackupRunStatus.Phase.Completed;
    }
}
