package io.trustedlaunch.agent.backuprun;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.backup.DiskCopies;
import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.backuprun.instant.HostRunWatch;
import io.trustedlaunch.agent.backuprun.instant.RunWatch;
import io.trustedlaunch.agent.backuprun.record.RunRecord;
import io.trustedlaunch.agent.backuprun.record.RunRecords;
import io.trustedlaunch.agent.disks.DiskTool;
import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.OrderQueue;
import io.trustedlaunch.agent.order.OrderSource;
import io.trustedlaunch.agent.order.Slots;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.run.RunRoom;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunSpec;
import io.trustedlaunch.api.BackupRunStatus;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.failpoint.Failpoints;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/**
 * The parts of the agent that make backups.
 *
 * @param pause the one that the agent asks which guests it has paused
 * @param keys opens what a run of a VM that is off has instead of its secrets
 * @param owners asks the API server what a VM has on record
 * @param dataIsCurrent what the API server says is of now
 * @param vms what the agent remembers of VMs
 * @param records of runs
 * @param watch of runs, for the death of this process
 * @param disks makes scratch files
 * @param copies copies disks
 * @param sockets a folder for QEMU's sockets, which is made
 * @param stores opens backup locations
 */
@RecordBuilder
public record BackupWiring(
        Hypervisor hypervisor,
        GuestReader guests,
        GuestStateKeeper keeper,
        GuestPause pause,
        Secrets secrets,
        EnvelopeOpener<RestoreEnvelope.Address, RestoreEnvelope.Content> keys,
        Ownership.Reader owners,
        BooleanSupplier dataIsCurrent,
        VmRecordStore vms,
        RunRecords records,
        RunWatch watch,
        DiskTool disks,
        DiskCopies copies,
        HypervisorAccount account,
        Path sockets,
        RunStores stores,
        RunRoom room,
        SupervisedWork watched,
        Failpoints failpoints,
        InstantSource clock,
        SecureRandom random) {
    /** A guest must not be left with a job that nobody watches. */
    private static final Duration UNTIL_ENDED = Duration.ofSeconds(10);

    /** The one of a host whose libvirt has this URI. */
    public static RunWatch watchOf(String libvirtUri) {
        return HostRunWatch.of(libvirtUri);
    }

    /** Of the VM's QEMU, while it has a backup. */
    Path socket(UUID vm) {
        return sockets.resolve(vm.toString());
    }

    /**
     * The store that a run is made in.
     *
     * @param spec empty if nobody wants to know of it any more
     */
    BackupStore store(RunRecord record, Optional<BackupRunSpec> spec) throws BackupStoreException {
        Optional<Long> limit = spec.map(BackupRunSpec::bytesPerSecond);
        return record.goesToFolder()
                ? stores.folder(record.store(), limit)
                : stores.bucket(
                        record.id(),
                        spec.map(BackupRunSpec::envelope)
                                .orElseThrow(() -> new BackupStoreException(
                                        StoreFault.REFUSED,
                                        "run " + record.run() + " may ask nothing of " + record.store())),
                        limit);
    }

    OrderPass<BackupRun, BackupRunStatus> pass(StatusWriter<BackupRun, BackupRunStatus> writer) {
        return new OrderPass<>(new MakeBackups(this, writer), MakeBackups.FAULTS, new Slots(2, 4), clock);
    }

    public OrderQueue<BackupRun> queue(OrderSource source, StatusWriter<BackupRun, BackupRunStatus> writer) {
        return new OrderQueue<>(
                "backup", source.of(BackupRun.class), MakeBackups::vm, pass(writer), UNTIL_ENDED, records::vms);
    }
}
