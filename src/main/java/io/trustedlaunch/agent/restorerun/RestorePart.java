package io.trustedlaunch.agent.restorerun;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.OrderQueue;
import io.trustedlaunch.agent.order.OrderSource;
import io.trustedlaunch.agent.order.Slots;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.run.FreeSpaceGuard;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Assembles what restores VMs.
 *
 * @param locations why VM files must not be in a storage location now
 * @param gate before VMs' folders
 * @param room that guests need in a storage location
 */
@RecordBuilder
public record RestorePart(
        String nodeName,
        Hypervisor hypervisor,
        Function<Path, Optional<Problem>> locations,
        FolderGate gate,
        ExtractionTools extraction,
        FreeSpaceGuard room,
        SupervisedWork watched,
        Environment environment) {
    /** When it stops, the next process begins what is not committed anew, and finishes what is. */
    public OrderQueue<RestoreRun> queue(OrderSource source, StatusWriter<RestoreRun, RestoreRunStatus> writer) {
        return new OrderQueue<>(
                "restore",
                source.of(RestoreRun.class),
                run -> Optional.of(RestoreOrders.vm(run)),
                pass(writer),
                Duration.ZERO,
                Set::of);
    }

    OrderPass<RestoreRun, RestoreRunStatus> pass(StatusWriter<RestoreRun, RestoreRunStatus> writer) {
        VmRestore.Tools tools = VmRestoreToolsBuilder.builder()
                .nodeName(nodeName)
                .hypervisor(hypervisor)
                .locations(locations)
                .gate(gate)
                .extraction(extraction)
                .room(room)
                .watched(watched)
                .failpoints(environment.failpoints())
                .build();
        return new OrderPass<>(
                new RestoreOrders(tools, writer), RestoreOrders.FAULTS, new Slots(2, 4), environment.clock());
    }
}
