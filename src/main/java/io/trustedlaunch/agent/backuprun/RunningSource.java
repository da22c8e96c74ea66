package io.trustedlaunch.agent.backuprun;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.backup.DiskOpener;
import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.backup.OpenDisk;
import io.trustedlaunch.agent.backup.ScratchLimit;
import io.trustedlaunch.agent.backuprun.instant.BackupRunWatch;
import io.trustedlaunch.agent.backuprun.instant.DiskInstant;
import io.trustedlaunch.agent.backuprun.instant.DiskInstant.Taken;
import io.trustedlaunch.agent.backuprun.instant.GuestFreeze;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecords;
import io.trustedlaunch.agent.domain.BackupSpec;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.BackupJob;
import io.trustedlaunch.agent.hypervisor.GuestBackups;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.run.FreeSpaceGuard;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.Quiesce;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.backup.BackupBase;
import io.trustedlaunch.backup.BasePlanner;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** A guest that runs: QEMU serves its disks as they were at the instant. */
final class RunningSource implements BackupSource {
    /**
     * @param pause the one that the incarnations ask which guests it has paused
     * @param watch of runs, for the death of this process
     */
    @RecordBuilder
    record Tools(
            GuestReader guests,
            Secrets secrets,
            GuestPause pause,
            BackupRunWatch watch,
            BackupRunRecords records,
            RunFiles files,
            DiskOpener disks,
            FreeSpaceGuard room,
            Failpoints failpoints,
            InstantSource clock) {}

    private final Tools tools;
    private final BackupRunSpec spec;
    private final BackupRunRecord record;
    private final BackupRunStaging staging;

    /** For the thread that watches the copy. */
    private volatile Optional<ScratchLimit> limit = Optional.empty();

    RunningSource(Tools tools, BackupRunSpec spec, BackupRunRecord record, BackupRunStaging staging) {
        this.tools = tools;
        this.spec = spec;
        this.record = record;
        this.staging = staging;
    }

    @Override
    public VMIncarnation require() {
        GuestFacts guest = tools.guests().read(vm(), record.epoch());
        RefusedException.throwIfPresent(guest.obstacle());
        return guest.incarnation().orElseThrow();
    }

    @Override
    public BackupKeys keys() {
        return BackupKeys.of(
                tools.secrets()
                        .open(tools.guests().latest().apply(vm()).orElseThrow().getSpec())
                        .protectionKey(),
                vm());
    }

    @Override
    public Optional<Problem> reasonToEnd() {
        return tools.guests().read(vm(), record.epoch()).reasonToEnd();
    }

    @Override
    public BackupBase base(List<BackupRunDisk> disks, UsableBackups usable) throws IOException {
        return BasePlanner.plan(new BaseReader(backups(), vm(), disks, usable)
                .read(spec, tools.guests().latest().apply(vm()).orElseThrow()));
    }

    @Override
    public void prepare() throws IOException {
        staging.make();
        limit = Optional.of(tools.room().scratch(staging.vm().location()));
        tools.files().makeSockets();
    }

    @Override
    public Taken take(List<BackupRunDisk> disks, BackupBase base, Supplier<Optional<Problem>> problem)
            throws IOException {
        // A job that is not on record, for example after this host's disk was replaced, would be in the way for ever.
        backups().end(vm());
        tools.watch().begin(record.run(), vm(), tools.records().file(record.run()));
        BackupSpec job = new BackupSpec(
                record.checkpoint(),
                base instanceof BackupBase.Incremental(UUID since) ? Optional.of(since.toString()) : Optional.empty(),
                socket(),
                disks.stream()
                        .map(disk -> new BackupSpec.Disk(disk.name(), disk.path(), staging.scratch(disk)))
                        .toList());
        DiskInstant instant = new DiskInstant(
                vm(),
                backups(),
                tools.pause(),
                new GuestFreeze(
                        vm(),
                        backups(),
                        spec.quiesce() == Quiesce.BestEffort,
                        freezing -> tools.records().update(record.run(), known -> known.withFreezing(freezing)),
                        tools.failpoints()),
                () -> tools.guests().keeper().sealed(vm(), record.epoch()),
                tools.failpoints(),
                tools.clock());
        return instant.take(
                job,
                () -> {
                    RefusedException.throwIfPresent(problem.get());
                    for (BackupRunDisk disk : disks) {
                        staging.makeScratch(disk);
                    }
                },
                pausing -> tools.records().update(record.run(), known -> known.withPausing(pausing)));
    }

    @Override
    public OpenDisk open(BackupRunDisk disk, BackupBase base) throws IOException {
        return tools.disks().running(disk.exportAt(socket()), base instanceof BackupBase.Incremental);
    }

    /** Free space is watched without libvirtd, too. */
    @Override
    public Optional<Problem> copyProblem() {
        return tools.room().shortage(staging.vm().location()).or(this::jobProblem);
    }

    private Optional<Problem> jobProblem() {
        Optional<BackupJob> job = backups().job(vm());
        if (job.isEmpty()) {
            return Optional.of(new Problem(Reason.DiskCopyFailed, "the hypervisor has ended the backup's job"));
        }
        return limit.filter(most -> most.isNear(job.get()))
                .map(most -> new Problem(
                        Reason.NoSpace,
                        "the guest has overwritten so much during the backup that its storage location would be full;"
                                + " add space, or make the backup when it writes less"));
    }

    @Override
    public void copied(List<BackupRunDisk> disks) throws IOException {
        backups().end(vm());
        tools.failpoints().reached(Failpoint.BACKUP_JOB_ENDED);
        for (BackupRunDisk disk : disks) {
            staging.removeScratch(disk);
        }
    }

    @Override
    public void release() {
        backups().end(vm());
    }

    private GuestBackups backups() {
        return tools.guests().hypervisor().backups();
    }

    private Path socket() {
        return tools.files().socket(vm());
    }

    private UUID vm() {
        return record.vm();
    }
}
