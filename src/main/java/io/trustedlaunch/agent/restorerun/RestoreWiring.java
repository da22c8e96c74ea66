package io.trustedlaunch.agent.restorerun;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.backup.BackupExtraction;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.OrderQueue;
import io.trustedlaunch.agent.order.OrderSource;
import io.trustedlaunch.agent.order.Slots;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.run.RunRoom;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.RestoreRun;
import io.trustedlaunch.api.RestoreRunStatus;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.failpoint.Failpoints;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The parts of the agent that restore VMs.
 *
 * @param locations why VM files must not be in a storage location now
 * @param gate before VMs' folders
 * @param stores opens a backup location
 * @param layers where a backup's disks are while disks are made from them
 * @param room that guests need in a storage location
 */
@RecordBuilder
public record RestoreWiring(
        String nodeName,
        Hypervisor hypervisor,
        Function<Path, Optional<Problem>> locations,
        EnvelopeOpener<RestoreEnvelope.Address, RestoreEnvelope.Content> envelopes,
        FolderGate gate,
        RestoreStores stores,
        BackupExtraction.LayerMerge disks,
        LayerFolders layers,
        HypervisorAccount account,
        RunRoom room,
        SupervisedWork watched,
        Failpoints failpoints,
        InstantSource clock,
        StatusWriter<RestoreRun, RestoreRunStatus> writer) {

    OrderPass<RestoreRun, RestoreRunStatus> pass() {
        return new OrderPass<>(new RestoreOrders(this), RestoreOrders.FAULTS, new Slots(2, 4), clock);
    }

    /** When it stops, the next process begins what is not committed anew, and finishes what is. */
    public OrderQueue<RestoreRun> queue(OrderSource source) {
        return new OrderQueue<>(
                "restore", source.of(RestoreRun.class), RestoreOrders::vm, pass(), Duration.ZERO, Set::of);
    }
}
