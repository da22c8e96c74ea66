package io.trustedlaunch.agent.backuprun;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.backuprun.instant.DiskInstant.Taken;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.backup.BackupBase;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.pack.DiskSaver;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.process.SteadyClock;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Makes one backup, up to its commit. What it has begun when it fails is ended by {@link BackupRunEnd}, as after the death of the
 * agent.
 *
 * <p>A thread that hangs in a storage may go on after the run has ended. So each opens the keys for itself, and none finds them
 * overwritten while it seals with them.
 */
final class BackupMaker {
    private static final long MIB = 1L << 20;

    @RecordBuilder
    record Tools(
            RunningSource.Tools running,
            StoppedSource.Tools stopped,
            BackupCommit.Tools commit,
            RunFiles files,
            RecordedStores stores,
            SupervisedWork watched,
            Failpoints failpoints) {}

    private final Tools tools;
    private final BackupRun run;
    private final BackupRunRecord record;
    private final BackupSource source;
    private final Supplier<Optional<Problem>> cancellation;
    private final IntConsumer progress;

    /**
     * @param record on record
     * @param cancellation why the backup is no longer wanted
     * @param progress receives a percentage, often
     */
    BackupMaker(
            Tools tools,
            BackupRun run,
            BackupRunRecord record,
            Supplier<Optional<Problem>> cancellation,
            IntConsumer progress) {
        this.tools = tools;
        this.run = run;
        this.record = record;
        this.source = run.getSpec().guestState() == null
                ? new RunningSource(
                        tools.running(),
                        run.getSpec(),
                        record,
                        tools.files().staging(record).orElseThrow())
                : new StoppedSource(
                        tools.stopped(), run, record, record.folder().orElseThrow());
        this.cancellation = cancellation;
        this.progress = progress;
    }

    void make() throws IOException {
        VMIncarnation incarnation = source.require();
        BackupStore store = tools.stores().open(record, Optional.of(run.getSpec()));
        List<BackupRunDisk> disks = BackupRunDisk.of(
                incarnation.getSpec().machineNow(), record.folder().orElseThrow());
        DiskCopy.Plan plan = watched("plan", () -> plan(store, disks), this::reasonToEnd);
        source.prepare();
        tools.failpoints().reached(Failpoint.BACKUP_STAGED);
        Taken taken = take(disks, plan.base());
        DiskCopy.Saved saved = copy(new DiskCopy(store, record.id(), disks, plan));
        BackupCommit commit = BackupCommitBuilder.builder()
                .tools(tools.commit())
                .record(record)
                .store(store)
                .spec(run.getSpec())
                .incarnation(incarnation.getSpec())
                .base(plan.base())
                .disks(disks)
                .taken(taken)
                .saved(saved)
                .build();
        watched(
                "commit",
                () -> {
                    try (BackupKeys keys = source.keys()) {
                        commit.commit(keys.description());
                    }
                    return true;
                },
                cancellation);
    }

    /** From its beginning in the store on, what this run may use of earlier backups is not removed. */
    private DiskCopy.Plan plan(BackupStore store, List<BackupRunDisk> disks) throws IOException {
        store.begin(record.id());
        try (BackupKeys keys = source.keys()) {
            UsableBackups usable =
                    new UsableBackups(store, vm(), disks, keys, run.getSpec().completed());
            BackupBase base = source.base(disks, usable);
            Optional<DiskSaver.Before> before = switch (base) {
                case BackupBase.Incremental(UUID since) -> usable.base(since);
                case BackupBase.Full(BackupBase.FullReason reason) ->
                    // Somebody who asks for it may not trust what is stored.
                    reason == BackupBase.FullReason.Requested ? Optional.empty() : usable.newest();
            };
            if (before.isEmpty()) {
                requireRoom(store, disks);
            }
            return new DiskCopy.Plan(base, before);
        }
    }

    /** Of a backup that shares much with earlier ones nobody knows how much it needs. */
    private void requireRoom(BackupStore store, List<BackupRunDisk> disks) throws IOException {
        long needed = disks.stream().mapToLong(BackupRunDisk::storedBytes).sum();
        OptionalLong there = store.room();
        if (there.isPresent() && there.getAsLong() < needed) {
            throw new RefusedException(
                    Reason.NoSpace,
                    "the disks of the VM have " + Math.ceilDiv(needed, MIB)
                            + " MiB, all of which this backup saves, and "
                            + there.getAsLong() / MIB + " MiB are free in "
                            + record.location().place() + "; free or add space in the backup location");
        }
    }

    private Taken take(List<BackupRunDisk> disks, BackupBase base) throws IOException {
        tools.files().removeSockets(vm());
        Taken taken = source.take(disks, base, this::reasonToEnd);
        tools.failpoints().reached(Failpoint.BACKUP_TAKEN);
        return taken;
    }

    private DiskCopy.Saved copy(DiskCopy copy) throws IOException {
        DiskReads reads = new DiskReads(SteadyClock.system());
        DiskCopy.Saved saved = watched(
                "copy",
                () -> {
                    try (BackupKeys keys = source.keys()) {
                        return copy.save(source, keys, reads);
                    }
                },
                () -> copyProblem(reads));
        tools.failpoints().reached(Failpoint.BACKUP_COPIED);
        source.copied(copy.disks());
        return saved;
    }

    /** Runs each time that the copy is looked at. */
    private Optional<Problem> copyProblem(DiskReads reads) {
        progress.accept(reads.percent());
        return reasonToEnd().or(() -> whereReachable(source::copyProblem)).or(reads::silence);
    }

    private Optional<Problem> reasonToEnd() {
        return cancellation.get().or(() -> whereReachable(source::reasonToEnd));
    }

    /** A job and its copy go on without libvirtd, which may be restarted. */
    private static Optional<Problem> whereReachable(Supplier<Optional<Problem>> look) {
        try {
            return look.get();
        } catch (HypervisorException e) {
            if (e.failure() instanceof HypervisorFailure.Unavailable) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private <T> T watched(String what, Callable<T> work, Supplier<Optional<Problem>> problem) throws IOException {
        return tools.watched().run(what + "-" + vm(), work, problem, source::release);
    }

    private UUID vm() {
        return record.vm();
    }
}
