package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecords;
import io.trustedlaunch.agent.backuprun.record.BackupRunStep;
import io.trustedlaunch.agent.order.Faults;
import io.trustedlaunch.agent.order.KnownOrders;
import io.trustedlaunch.agent.order.LaterException;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.agent.order.Task;
import io.trustedlaunch.agent.run.RunFaults;
import io.trustedlaunch.agent.run.RunOrders;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes backups of one VM. What is touched is on record before, and every run ends in one way, whatever it had begun and whichever
 * process had.
 */
final class BackupOrders extends RunOrders<BackupRun, BackupRunStatus> {
    private static final Logger LOG = LoggerFactory.getLogger(BackupOrders.class);

    static final Faults FAULTS = RunFaults.of(Reason.DiskCopyFailed, Reason.GuestNotHere, "");

    private static final Duration UNTIL_THAWED = Duration.ofSeconds(10);

    /** A location that is away may be so for ever. */
    private static final Duration UNTIL_REMOVED = Duration.ofHours(1);

    private final Function<UUID, Optional<VMIncarnation>> latest;
    private final BackupRunRecords records;
    private final BackupMaker.Tools maker;
    private final BackupRunEnd end;
    private final Failpoints failpoints;
    private final InstantSource clock;

    /** @param latest the VM's latest incarnation on this node */
    BackupOrders(
            Function<UUID, Optional<VMIncarnation>> latest,
            BackupRunRecords records,
            BackupMaker.Tools maker,
            BackupRunEnd end,
            Failpoints failpoints,
            InstantSource clock,
            StatusWriter<BackupRun, BackupRunStatus> writer) {
        super((phase, percent, reason, message) -> new BackupRunStatus(phase, percent, null, reason, message), writer);
        this.latest = latest;
        this.records = records;
        this.maker = maker;
        this.end = end;
        this.failpoints = failpoints;
        this.clock = clock;
    }

    @Override
    public String describe(BackupRun run) {
        return "VM " + run.getSpec().vmRef().uid() + ": backup "
                + run.getMetadata().getUid();
    }

    @Override
    public String place(BackupRun run) {
        return RunStores.place(run.getSpec().location());
    }

    @Override
    public boolean awaits(BackupRun run) {
        return run.getSpec().location().lacksUrls(run.getSpec().envelope(), clock.instant());
    }

    @Override
    public void before(UUID vm, KnownOrders<BackupRun> known) throws IOException {
        end.thawLeft(vm);
        List<BackupRunRecord> left =
                records.all().stream().filter(record -> record.vm().equals(vm)).toList();
        Optional<List<BackupRun>> runs = known.now();
        for (BackupRunRecord record : left) {
            if (runs.isEmpty()) {
                // This happens without an API server, too: a migration would wait for the job.
                end.release(record);
            } else if (find(runs.get(), record.run()).isEmpty()) {
                end.end(record, Optional.empty());
                records.forget(record.run());
            }
        }
    }

    @Override
    public Optional<Duration> after(UUID vm) {
        boolean isLeft = !end.isLeftNothing(vm);
        if (records.isFrozen(vm)) {
            return Optional.of(UNTIL_THAWED);
        }
        return isLeft ? Optional.of(UNTIL_REMOVED) : Optional.empty();
    }

    @Override
    public boolean isOver(BackupRun run) {
        return next(run) instanceof BackupRunStep.Over;
    }

    @Override
    public boolean needsSlot(BackupRun run) {
        return next(run) instanceof BackupRunStep.Begin;
    }

    @Override
    public BackupRunStatus carryOut(BackupRun run, Task<BackupRun> task) throws IOException {
        return switch (next(run)) {
            case BackupRunStep.End(BackupRunRecord record) -> ended(run, record);
            case BackupRunStep.EndLost lost -> ended(run, recordOf(run));
            default -> made(run, task);
        };
    }

    /** The job that it has begun is still there, so it is not over. */
    @Override
    public Optional<BackupRunStatus> failed(BackupRun run, Problem problem, Exception cause, boolean brokenOff) {
        throw new LaterException(problem);
    }

    @Override
    public void forget(BackupRun run) {
        UUID uid = BackupRunRecord.uid(run);
        if (records.find(uid).isPresent()) {
            failpoints.reached(Failpoint.BACKUP_REPORTED);
        }
        records.forget(uid);
    }

    private BackupRunStep next(BackupRun run) {
        return BackupRunStep.next(status(run).map(BackupRunStatus::phase), records.find(BackupRunRecord.uid(run)));
    }

    private BackupRunRecord recordOf(BackupRun run) {
        return BackupRunRecord.of(run, latest.apply(vm(run)));
    }

    private BackupRunStatus made(BackupRun run, Task<BackupRun> task) throws IOException {
        UUID uid = BackupRunRecord.uid(run);
        BackupRunRecord record = recordOf(run);
        if (record.storage().isEmpty()) {
            return ended(run, record.withProblem(new Problem(Reason.GuestNotHere, "the VM does not run on this node")));
        }
        records.save(record);
        failpoints.reached(Failpoint.BACKUP_RECORDED);
        task.progress(0);
        try {
            new BackupMaker(maker, run, record, task::brokenOff, task::progress).make();
        } catch (IOException | RuntimeException e) {
            Problem problem = FAULTS.of(e, LOG, run.getMetadata().getName());
            records.update(uid, known -> known.withProblem(problem));
        }
        return ended(run, records.require(uid));
    }

    private BackupRunStatus ended(BackupRun run, BackupRunRecord record) throws IOException {
        BackupRunStatus status = end.end(record, Optional.of(run.getSpec()));
        failpoints.reached(Failpoint.BACKUP_CLEARED);
        return status;
    }

    private static Optional<BackupRun> find(List<BackupRun> runs, UUID run) {
        return runs.stream()
                .filter(each -> BackupRunRecord.uid(each).equals(run))
                .findFirst();
    }

    static UUID vm(BackupRun run) {
        return UUID.fromString(run.getSpec().vmRef().uid());
    }
}
