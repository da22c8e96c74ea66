package io.trustedlaunch.operator.storedbackup;

import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.backup.RunRemover;
import io.trustedlaunch.operator.kube.ApiReader;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Removes a run unless its VMBackup still asks for what it does. */
@ControllerConfiguration(
        name = "storedbackuprun",
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class StoredBackupRunReconciler extends RunRemover<StoredBackupRun, VMBackup> {
    /** @param namespace the operator's own, where the runs are */
    public StoredBackupRunReconciler(String namespace, ApiReader reader, ResourceWriter writer) {
        super(VMBackup.class, namespace, reader::backup, writer);
    }

    @Override
    protected Stream<String> runsOf(VMBackup backup) {
        return Arrays.stream(Action.values())
                .map(action -> StoredBackupRun.nameOf(backup.getMetadata().getUid(), action));
    }

    @Override
    protected ResourceID subjectOf(StoredBackupRun run) {
        return new ResourceID(
                run.getSpec().backupRef().name(), run.getSpec().vmRef().namespace());
    }

    @Override
    protected boolean isNeeded(StoredBackupRun run, VMBackup backup) {
        return backup.getMetadata().getUid().equals(run.getSpec().backupRef().uid())
                && !backup.isMarkedForDeletion()
                && BackupFilesFacts.requested(backup)
                        .filter(run.getSpec().action()::equals)
                        .isPresent();
    }
}
