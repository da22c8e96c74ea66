package io.trustedlaunch.agent.backuprun;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.backup.BackupDiskWriter;
import io.trustedlaunch.agent.backup.ScratchLimit;
import io.trustedlaunch.agent.backuprun.instant.DiskInstant.Taken;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.run.FreeSpaceGuard;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.backup.BackupBase;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Makes one backup, up to its commit. What it has begun when it fails is ended by {@link BackupRunEnd}, as after the death of the
 * agent.
 */
final class BackupMaker {
    private static final int WHOLE = 100;

    /** Of the work, as it is shown: then the upload begins. */
    private static final int COPIED = 50;

    @RecordBuilder
    record Tools(
            RunningSource.Tools running,
            StoppedSource.Tools stopped,
            BackupCommit.Tools commit,
            RunFiles files,
            RecordedStores stores,
            BackupDiskWriter copies,
            FreeSpaceGuard room,
            SupervisedWork watched,
            Failpoints failpoints) {}

    private final Tools tools;
    private final BackupRun run;
    private final BackupRunRecord record;
    private final BackupRunStaging staging;
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
        this.staging = tools.files().staging(record).orElseThrow();
        this.source = run.getSpec().guestState() == null
                ? new RunningSource(tools.running(), run.getSpec(), record, staging)
                : new StoppedSource(tools.stopped(), run, record, staging);
        this.cancellation = cancellation;
        this.progress = progress;
    }

    void make() throws IOException {
        VMIncarnation incarnation = source.require();
        BackupStore store = tools.stores().open(record, Optional.of(run.getSpec()));
        List<BackupRunDisk> disks = BackupRunDisk.of(incarnation.getSpec().machine(), staging.vm());
        try (BackupKeys keys = source.keys()) {
            BackupBase base = watched(
                    "plan",
                    () -> {
                        // Whether the store answers, before anything is made.
                        store.index(record.id());
                        return source.base(store, disks, keys.description().keyId());
                    },
                    this::reasonToEnd);
            ScratchLimit limit = stage(disks, base, keys.passphrase());
            Taken taken = take(disks, base);
            long readBytes = copy(disks, base, limit, keys.passphrase());
            AtomicLong sent = new AtomicLong();
            BackupCommit commit = BackupCommitBuilder.builder()
                    .tools(tools.commit())
                    .record(record)
                    .staging(staging)
                    .store(store)
                    .spec(run.getSpec())
                    .incarnation(incarnation.getSpec())
                    .base(base)
                    .disks(disks)
                    .taken(taken)
                    .readBytes(readBytes)
                    .key(keys.description())
                    .sent(sent::addAndGet)
                    .build();
            watched(
                    "upload",
                    () -> {
                        commit.commit();
                        return true;
                    },
                    // The bucket may be away for a while, and what is staged takes room meanwhile.
                    () -> {
                        progress.accept(Math.min(WHOLE - 1, COPIED + half(sent.get(), staged(disks))));
                        return cancellation
                                .get()
                                .or(() -> tools.room().shortage(staging.vm().location()));
                    });
        }
    }

    /** Does all that takes long and needs no instant. */
    private ScratchLimit stage(List<BackupRunDisk> disks, BackupBase base, byte[] passphrase) throws IOException {
        long needed = base instanceof BackupBase.Full
                ? disks.stream().mapToLong(BackupRunDisk::storedBytes).sum()
                : 0;
        staging.make();
        ScratchLimit limit = tools.room().scratch(staging.vm().location(), needed);
        watched(
                "stage",
                () -> {
                    for (BackupRunDisk disk : disks) {
                        staging.makeLayer(disk);
                        tools.copies().create(staging.layer(disk), disk.virtualBytes(), passphrase);
                    }
                    return true;
                },
                this::reasonToEnd);
        tools.failpoints().reached(Failpoint.BACKUP_STAGED);
        return limit;
    }

    private Taken take(List<BackupRunDisk> disks, BackupBase base) throws IOException {
        tools.files().makeSockets();
        tools.files().removeSocket(vm());
        Taken taken = source.take(disks, base, this::reasonToEnd);
        tools.failpoints().reached(Failpoint.BACKUP_TAKEN);
        return taken;
    }

    /** Returns how many bytes were read. */
    private long copy(List<BackupRunDisk> disks, BackupBase base, ScratchLimit limit, byte[] passphrase)
            throws IOException {
        long bytes = watched("copy", () -> source.copy(disks, base, passphrase), () -> copyProblem(disks, limit));
        tools.failpoints().reached(Failpoint.BACKUP_COPIED);
        source.copied(disks);
        return bytes;
    }

    /** Runs each time that the copy is looked at. */
    private Optional<Problem> copyProblem(List<BackupRunDisk> disks, ScratchLimit limit) {
        // As for a full backup: what changed is not known before it is read.
        progress.accept(half(
                staged(disks),
                disks.stream().mapToLong(BackupRunDisk::storedBytes).sum()));
        return reasonToEnd()
                .or(() -> whereReachable(() -> source.copyProblem(limit)))
                .or(() -> tools.room().shortage(staging.vm().location()));
    }

    private Optional<Problem> reasonToEnd() {
        return cancellation.get().or(() -> whereReachable(source::reasonToEnd));
    }

    /** A job and its copy go on without libvirtd, which may be restarted; free space is watched without it. */
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

    private long staged(List<BackupRunDisk> disks) {
        return disks.stream()
                .mapToLong(disk -> staging.layer(disk).toFile().length())
                .sum();
    }

    private static int half(long done, long all) {
        return (int) Math.min(COPIED, done * COPIED / Math.max(1, all));
    }

    private <T> T watched(String what, Callable<T> work, Supplier<Optional<Problem>> problem) throws IOException {
        return tools.watched().run(what + "-" + vm(), work, problem, source::release);
    }

    private UUID vm() {
        return record.vm();
    }
}
