package io.trustedlaunch.agent.storedbackuprun;

import io.trustedlaunch.agent.order.Faults;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.OrderQueue;
import io.trustedlaunch.agent.order.OrderSource;
import io.trustedlaunch.agent.order.Slots;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.order.Task;
import io.trustedlaunch.agent.run.ReadMeter;
import io.trustedlaunch.agent.run.RunFaults;
import io.trustedlaunch.agent.run.RunOrders;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRunStatus;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupRemoval;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.Finding;
import io.trustedlaunch.backup.ReadProgress;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.process.SteadyClock;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;

/** Removes and verifies backups. Each run is repeated from its beginning after a death, so nothing of it is on record here. */
public final class StoredBackupOrders extends RunOrders<StoredBackupRun, StoredBackupRunStatus> {
    private static final Faults FAULTS = RunFaults.of(Reason.AgentFault, Reason.AgentFault, "");

    private static final int WHOLE = 100;

    private final RunStores stores;
    private final SupervisedWork watched;
    private final Failpoints failpoints;
    private final InstantSource clock;

    public StoredBackupOrders(
            RunStores stores,
            SupervisedWork watched,
            Failpoints failpoints,
            InstantSource clock,
            StatusWriter<StoredBackupRun, StoredBackupRunStatus> writer) {
        super(StoredBackupRunStatus::new, writer);
        this.stores = stores;
        this.watched = watched;
        this.failpoints = failpoints;
        this.clock = clock;
    }

    /** A queue of their own: to verify a backup takes hours, and must not hold up the next one. */
    public OrderQueue<StoredBackupRun> queue(OrderSource source) {
        return new OrderQueue<>(
                "stored-backup",
                source.of(StoredBackupRun.class),
                run -> Optional.of(vm(run)),
                pass(),
                Duration.ZERO,
                Set::of);
    }

    OrderPass<StoredBackupRun, StoredBackupRunStatus> pass() {
        return new OrderPass<>(this, FAULTS, new Slots(2, 4), clock);
    }

    @Override
    public String describe(StoredBackupRun run) {
        StoredBackupRunSpec spec = run.getSpec();
        return "VM " + spec.vmRef().uid() + ": " + spec.action() + " of backup " + spec.backupUID();
    }

    @Override
    public String place(StoredBackupRun run) {
        return RunStores.place(run.getSpec().location());
    }

    @Override
    public boolean awaits(StoredBackupRun run) {
        return run.getSpec().location().lacksUrls(run.getSpec().envelope(), clock.instant());
    }

    @Override
    public StoredBackupRunStatus carryOut(StoredBackupRun run, Task<StoredBackupRun> task) throws IOException {
        task.progress(0);
        StoredBackupRunSpec spec = run.getSpec();
        BackupId id = new BackupId(vm(run), UUID.fromString(spec.backupUID()));
        BackupStore store = store(run);
        ReadMeter meter = new ReadMeter(SteadyClock.system());
        Callable<StoredBackupRunStatus> work = switch (spec.action()) {
            case Remove -> () -> remove(store, id);
            case Verify -> () -> verify(store, new BackupRef(id, spec.indexSHA256()), alreadyRead(run), meter);
        };
        return watched.run("store-" + id.vm(), work, () -> reasonToEnd(run, task, meter), () -> {});
    }

    private BackupStore store(StoredBackupRun run) throws BackupStoreException {
        StoredBackupRunSpec spec = run.getSpec();
        Optional<Long> limit = Optional.ofNullable(spec.bytesPerSecond());
        return spec.location().folder() != null
                ? stores.folder(spec.location(), limit)
                : stores.bucket(
                        spec.location(),
                        new BackupId(vm(run), UUID.fromString(run.getMetadata().getUid())),
                        spec.envelope(),
                        limit);
    }

    private static UUID vm(StoredBackupRun run) {
        return UUID.fromString(run.getSpec().vmRef().uid());
    }

    private static Optional<Problem> reasonToEnd(StoredBackupRun run, Task<StoredBackupRun> task, ReadMeter meter) {
        Optional<Problem> brokenOff = task.brokenOff();
        if (brokenOff.isPresent()) {
            return brokenOff;
        }
        task.progress(meter.percent());
        return meter.silence(run.getSpec().location().place());
    }

    /** The index first: what has one counts as whole. */
    private StoredBackupRunStatus remove(BackupStore store, BackupId id) throws BackupStoreException {
        store.removeIndex(id);
        failpoints.reached(Failpoint.REMOVAL_INDEX_REMOVED);
        Optional<String> kept = BackupRemoval.remove(store, id);
        failpoints.reached(Failpoint.REMOVAL_FILES_REMOVED);
        return kept.map(why -> failure(new Problem(Reason.PacksInUse, why))).orElseGet(StoredBackupOrders::completed);
    }

    private static List<BackupRef> alreadyRead(StoredBackupRun run) {
        return Optional.ofNullable(run.getSpec().alreadyRead()).stream()
                .flatMap(read -> read.backups().stream())
                .map(backup ->
                        new BackupRef(new BackupId(vm(run), UUID.fromString(backup.uid())), backup.indexSHA256()))
                .toList();
    }

    private StoredBackupRunStatus verify(
            BackupStore store, BackupRef ref, List<BackupRef> alreadyRead, ReadProgress progress)
            throws BackupStoreException {
        BackupVerification.Report report = new BackupVerification(store, progress).verify(ref, alreadyRead);
        return report.whole() ? completed() : failure(problem(report.findings()));
    }

    private static StoredBackupRunStatus completed() {
        return new StoredBackupRunStatus(RunPhase.Completed, WHOLE, null, null);
    }

    private static Problem problem(List<Finding> findings) {
        Finding first = findings.getFirst();
        String more = findings.size() > 1 ? "; and " + (findings.size() - 1) + " more" : "";
        return RunFaults.ofBackup(first.fault(), first.message() + more);
    }
}
