package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backup.ScratchLimit;
import io.trustedlaunch.agent.backuprun.DiskInstant.Taken;
import io.trustedlaunch.agent.domain.BackupSpec;
import io.trustedlaunch.agent.hypervisor.BackupJob;
import io.trustedlaunch.agent.hypervisor.GuestBackups;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.backup.BackupBase;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BasePlanner;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Makes one backup, up to its commit. What it has begun when it fails is ended by {@link RunEnd}, as after the death of the
 * agent.
 */
final class BackupMaker {
    private static final int WHOLE = 100;

    private final BackupWiring wiring;
    private final BackupRun run;
    private final RunRecord record;
    private final RunStaging staging;
    private final Supplier<Optional<Problem>> cancellation;
    private final IntConsumer progress;

    /**
     * @param record on record
     * @param cancellation why nobody wants the backup any more
     * @param progress is told a percentage, often
     */
    BackupMaker(
            BackupWiring wiring,
            BackupRun run,
            RunRecord record,
            Supplier<Optional<Problem>> cancellation,
            IntConsumer progress) {
        this.wiring = wiring;
        this.run = run;
        this.record = record;
        this.staging = new RunStaging(record.folder().orElseThrow(), record.run(), wiring.account(), wiring.disks());
        this.cancellation = cancellation;
        this.progress = progress;
    }

    void make() throws IOException {
        GuestFacts guest = wiring.guests().read(vm(), record.epoch());
        Problems.requireNone(guest.obstacle());
        VMIncarnation incarnation = guest.incarnation().orElseThrow();
        BackupStore store = wiring.store(record, Optional.of(run.getSpec()));
        List<RunDisk> disks = RunDisk.of(incarnation.getSpec().machine(), staging.vm());
        ProtectionKey key = wiring.secrets().open(incarnation.getSpec()).protectionKey();
        BaseReader reader = new BaseReader(backups(), store, vm(), disks, key.keyId());
        BackupBase base = watched(
                "plan",
                () -> {
                    // Whether the store answers, before anything is made.
                    store.index(record.id());
                    return BasePlanner.plan(reader.read(run.getSpec(), incarnation));
                },
                this::reasonToEnd);
        byte[] passphrase = key.backupPassphrase(vm());
        try (BackupDescriptionKey descriptionKey = key.backupDescriptionKey(vm())) {
            ScratchLimit limit = stage(disks, base, passphrase);
            Taken taken = take(disks, base);
            long readBytes = copy(disks, base, limit, passphrase);
            BackupCommit commit = BackupCommitBuilder.builder()
                    .wiring(wiring)
                    .record(record)
                    .staging(staging)
                    .store(store)
                    .spec(run.getSpec())
                    .incarnation(incarnation.getSpec())
                    .base(base)
                    .disks(disks)
                    .taken(taken)
                    .readBytes(readBytes)
                    .key(descriptionKey)
                    .build();
            watched(
                    "upload",
                    () -> {
                        commit.commit();
                        return true;
                    },
                    // The bucket may be away for a while, and what is staged takes room meanwhile.
                    () -> cancellation
                            .get()
                            .or(() -> wiring.room().shortage(staging.vm().location())));
        } finally {
            Arrays.fill(passphrase, (byte) 0);
        }
    }

    /** All that takes long and needs no instant. */
    private ScratchLimit stage(List<RunDisk> disks, BackupBase base, byte[] passphrase) throws IOException {
        long needed = base instanceof BackupBase.Full
                ? disks.stream().mapToLong(RunDisk::storedBytes).sum()
                : 0;
        staging.make();
        ScratchLimit limit = wiring.room().scratch(staging.vm().location(), needed);
        watched(
                "stage",
                () -> {
                    for (RunDisk disk : disks) {
                        staging.makeLayer(disk);
                        wiring.copies().create(staging.layer(disk), disk.virtualBytes(), passphrase);
                    }
                    return true;
                },
                this::reasonToEnd);
        wiring.failpoints().reached(Failpoint.BACKUP_STAGED);
        return limit;
    }

    private Taken take(List<RunDisk> disks, BackupBase base) throws IOException {
        // What is not on record, for example after this host's disk was replaced, would be in the way for ever.
        backups().end(vm());
        wiring.account().makeOwn(wiring.sockets());
        Files.deleteIfExists(socket());
        BackupSpec spec = new BackupSpec(
                record.checkpoint(),
                base instanceof BackupBase.Incremental(UUID parent) ? Optional.of(parent.toString()) : Optional.empty(),
                socket(),
                disks.stream()
                        .map(disk -> new BackupSpec.Disk(disk.name(), disk.path(), staging.scratch(disk)))
                        .toList());
        DiskInstant instant = new DiskInstant(
                vm(),
                backups(),
                wiring.pause(),
                () -> wiring.keeper().sealed(vm(), record.epoch()),
                wiring.failpoints(),
                wiring.clock());
        Taken taken = instant.take(
                spec,
                () -> {
                    Problems.requireNone(reasonToEnd());
                    for (RunDisk disk : disks) {
                        staging.makeScratch(disk);
                    }
                },
                pausing -> wiring.records().update(record.run(), known -> known.withPausing(pausing)));
        wiring.failpoints().reached(Failpoint.BACKUP_TAKEN);
        return taken;
    }

    /** Returns how many bytes were read. */
    private long copy(List<RunDisk> disks, BackupBase base, ScratchLimit limit, byte[] passphrase) throws IOException {
        boolean full = base instanceof BackupBase.Full;
        long bytes = watched("copy", () -> copied(disks, full, passphrase), () -> copyProblem(disks, limit));
        wiring.failpoints().reached(Failpoint.BACKUP_COPIED);
        backups().end(vm());
        wiring.failpoints().reached(Failpoint.BACKUP_JOB_ENDED);
        for (RunDisk disk : disks) {
            staging.removeScratch(disk);
        }
        return bytes;
    }

    private long copied(List<RunDisk> disks, boolean full, byte[] passphrase) throws IOException {
        long bytes = 0;
        for (RunDisk disk : disks) {
            Path layer = staging.layer(disk);
            if (full) {
                wiring.copies().copyAll(disk.exportAt(socket()), layer, passphrase);
                bytes += Files.size(layer);
            } else {
                bytes += wiring.copies().copyChanges(disk.exportAt(socket()), layer, passphrase);
            }
        }
        return bytes;
    }

    /** Runs each time that the copy is looked at. */
    private Optional<Problem> copyProblem(List<RunDisk> disks, ScratchLimit limit) {
        progress.accept(percent(disks));
        return reasonToEnd()
                .or(() -> jobProblem(limit))
                .or(() -> wiring.room().shortage(staging.vm().location()));
    }

    private Optional<Problem> jobProblem(ScratchLimit limit) {
        return whereReachable(() -> {
            Optional<BackupJob> job = backups().job(vm());
            if (job.isEmpty()) {
                return Optional.of(new Problem(
                        Reason.DiskCopyFailed, "the hypervisor has ended the backup's job; make another backup"));
            }
            return limit.isNear(job.get())
                    ? Optional.of(new Problem(
                            Reason.NoSpace,
                            "the guest has overwritten so much during the backup that its storage location would be full;"
                                    + " add space, or make the backup when it writes less"))
                    : Optional.empty();
        });
    }

    private Optional<Problem> reasonToEnd() {
        return cancellation
                .get()
                .or(() -> whereReachable(
                        () -> wiring.guests().read(vm(), record.epoch()).reasonToEnd()));
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

    /** Of a full backup: what changed is not known before it is read. */
    private int percent(List<RunDisk> disks) {
        long all = disks.stream().mapToLong(RunDisk::storedBytes).sum();
        long read = disks.stream()
                .mapToLong(disk -> staging.layer(disk).toFile().length())
                .sum();
        return (int) Math.min(WHOLE - 1, read * WHOLE / Math.max(1, all));
    }

    private <T> T watched(String what, Callable<T> work, Supplier<Optional<Problem>> problem) throws IOException {
        return wiring.watched()
                .run(what + "-" + vm(), work, problem, () -> backups().end(vm()));
    }

    private GuestBackups backups() {
        return wiring.hypervisor().backups();
    }

    private Path socket() {
        return wiring.socket(vm());
    }

    private UUID vm() {
        return record.vm();
    }
}
