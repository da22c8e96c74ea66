package io.trustedlaunch.agent.backuprun;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.backup.DiskOpener;
import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.backuprun.instant.BackupRunWatch;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecords;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.OrderQueue;
import io.trustedlaunch.agent.order.OrderSource;
import io.trustedlaunch.agent.order.Slots;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.run.FreeSpaceGuard;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.process.SteadyClock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Assembles what makes backups.
 *
 * @param pause the one that the incarnations ask which guests it has paused
 * @param secrets of guests that run
 * @param vms what the agent remembers of VMs
 * @param records of runs
 * @param watch of runs, for the death of this process
 * @param disks opens disks
 * @param stores opens backup locations
 */
@RecordBuilder
public record BackupPart(
        GuestReader guests,
        GuestPause pause,
        Secrets secrets,
        StoppedVms stopped,
        VmRecordStore vms,
        BackupRunRecords records,
        BackupRunWatch watch,
        RunFiles files,
        DiskOpener disks,
        RunStores stores,
        FreeSpaceGuard room,
        SupervisedWork watched,
        Environment environment) {
    /** A guest must not be left with a job that is not watched. */
    private static final Duration UNTIL_ENDED = Duration.ofSeconds(10);

    public OrderQueue<BackupRun> queue(OrderSource source, StatusWriter<BackupRun, BackupRunStatus> writer) {
        return new OrderQueue<>(
                "backup",
                source.of(BackupRun.class),
                run -> Optional.of(BackupOrders.vm(run)),
                pass(writer),
                UNTIL_ENDED,
                records::vms);
    }

    OrderPass<BackupRun, BackupRunStatus> pass(StatusWriter<BackupRun, BackupRunStatus> writer) {
        InstantSource clock = environment.clock();
        RecordedStores recorded = new RecordedStores(stores);
        BackupOrders orders = new BackupOrders(
                guests.latest(),
                records,
                maker(recorded),
                new BackupRunEnd(guests.hypervisor(), records, files, recorded, watched, SteadyClock.system()),
                environment.failpoints(),
                clock,
                writer);
        return new OrderPass<>(orders, BackupOrders.FAULTS, new Slots(2, 4), clock);
    }

    private BackupMaker.Tools maker(RecordedStores recorded) {
        Failpoints failpoints = environment.failpoints();
        return BackupMakerToolsBuilder.builder()
                .running(RunningSourceToolsBuilder.builder()
                        .guests(guests)
                        .secrets(secrets)
                        .pause(pause)
                        .watch(watch)
                        .records(records)
                        .files(files)
                        .disks(disks)
                        .room(room)
                        .failpoints(failpoints)
                        .clock(environment.clock())
                        .build())
                .stopped(new StoppedSource.Tools(guests, stopped, files, disks, environment.clock()))
                .commit(new BackupCommit.Tools(vms, records, failpoints, environment.random()))
                .files(files)
                .stores(recorded)
                .watched(watched)
                .failpoints(failpoints)
                .build();
    }
}
