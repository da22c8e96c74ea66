package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.order.Faults;
import io.trustedlaunch.agent.order.Task;
import io.trustedlaunch.agent.run.ReadMeter;
import io.trustedlaunch.api.BackupAction;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunStatus;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.Finding;
import io.trustedlaunch.backup.ReadProgress;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;

/**
 * Removes or verifies backups of one VM. That needs neither guest nor key, and is repeated from its beginning after a death, so
 * nothing of it is on record here.
 */
final class CareForBackups extends BackupRunOrders {
    static final Faults FAULTS = new Faults(Reason.AgentFault, Reason.AgentFault, "");

    private final BackupWiring wiring;

    CareForBackups(BackupWiring wiring, RunStatusWriter writer) {
        super(writer, wiring.clock());
        this.wiring = wiring;
    }

    @Override
    public boolean includes(BackupRun run) {
        return run.getSpec().action() != BackupAction.Backup;
    }

    @Override
    public String describe(BackupRun run) {
        return "VM " + run.getSpec().vmRef().uid() + ": " + run.getSpec().action() + " of backup "
                + run.getSpec().target().uid();
    }

    @Override
    public BackupRunStatus carryOut(BackupRun run, Task task) throws IOException {
        task.progress(0);
        BackupId id = new BackupId(
                UUID.fromString(run.getSpec().vmRef().uid()),
                UUID.fromString(run.getSpec().target().uid()));
        BackupStore store = wiring.store(run);
        ReadMeter meter = new ReadMeter(wiring.clock());
        Callable<BackupRunStatus> work = run.getSpec().action() == BackupAction.Remove
                ? () -> remove(store, id)
                : () -> verify(store, new BackupRef(id, run.getSpec().target().indexSHA256()), meter);
        return wiring.watched().run("store-" + id.vm(), work, () -> reasonToEnd(run, task, meter), () -> {});
    }

    private static Optional<Problem> reasonToEnd(BackupRun run, Task task, ReadMeter meter) {
        Optional<Problem> brokenOff = task.brokenOff();
        if (brokenOff.isPresent()) {
            return brokenOff;
        }
        task.progress(meter.percent());
        return meter.silence(run.getSpec().location().place());
    }

    /** The index first: what has one counts as whole. */
    private BackupRunStatus remove(BackupStore store, BackupId id) throws BackupStoreException {
        requireMounted(store.vms().isEmpty(), "any VM");
        store.removeIndex(id);
        wiring.failpoints().reached(Failpoint.REMOVAL_INDEX_REMOVED);
        store.removeFiles(id);
        wiring.failpoints().reached(Failpoint.REMOVAL_FILES_REMOVED);
        return completed();
    }

    private BackupRunStatus verify(BackupStore store, BackupRef ref, ReadProgress progress)
            throws BackupStoreException {
        requireMounted(store.backups(ref.id().vm()).isEmpty(), "VM " + ref.id().vm());
        BackupVerification.Report report = new BackupVerification(store, progress).verify(ref);
        return report.whole() ? completed() : failed(problem(report.findings()));
    }

    /** An empty folder is more likely one whose file system is not mounted, than one from which all backups were removed. */
    private static void requireMounted(boolean empty, String what) {
        if (empty) {
            throw new RefusedException(
                    Reason.BackupLocationUnavailable,
                    "the backup location has nothing of " + what + " on this node: check that it is mounted");
        }
    }

    private static Problem problem(List<Finding> findings) {
        Finding first = findings.getFirst();
        return first.fault() == BackupFault.UNSUPPORTED_FORMAT
                ? new Problem(Reason.AgentFault, first.message() + "; upgrade the agent")
                : new Problem(
                        Reason.BackupDamaged,
                        first.message() + (findings.size() > 1 ? "; and " + (findings.size() - 1) + " more" : ""));
    }
}
