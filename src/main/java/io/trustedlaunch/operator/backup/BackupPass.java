package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.api.VMBackupStatus;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.kube.StaleViewException;

/** One pass over a backup that has not ended: gather, plan, create the run that is due, compute the status. */
final class BackupPass {
    private final BackupGatherer gatherer;
    private final ResourceWriter writer;
    private final Failpoints failpoints;

    BackupPass(BackupGatherer gatherer, ResourceWriter writer, Failpoints failpoints) {
        this.gatherer = gatherer;
        this.writer = writer;
        this.failpoints = failpoints;
    }

    /**
     * @return the status to be written
     * @throws StaleViewException if the backup has changed since it was read, and something final is due
     */
    VMBackupStatus over(VMBackup backup) {
        BackupFacts facts = gatherer.gather(backup);
        BackupStep step = BackupPlanner.plan(facts);
        if (step instanceof BackupStep.Begin || step instanceof BackupStep.Fail) {
            facts = gatherer.fromServer(backup);
            step = BackupPlanner.plan(facts);
        }
        if (step instanceof BackupStep.Begin begin) {
            facts = facts.with(create(begin.run()));
            step = BackupPlanner.plan(facts);
        }
        return BackupStatus.of(facts, step);
    }

    private BackupRun create(BackupRun run) {
        BackupRun created = writer.createIfAbsent(run);
        failpoints.reached(Failpoint.OPERATOR_BACKUP_RUN_CREATED);
        return created;
    }
}
