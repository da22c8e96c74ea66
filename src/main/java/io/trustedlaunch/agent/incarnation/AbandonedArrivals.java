package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.record.ArrivalRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clears up after an incarnation that waited for a guest and is gone from the API server, as after a restore from a backup: its
 * end is not requested any more, and what was copied for it would be in the way of the VM's next migration.
 */
final class AbandonedArrivals {
    private static final Logger LOG = LoggerFactory.getLogger(AbandonedArrivals.class);

    private final Hypervisor hypervisor;
    private final GuestStates states;
    private final Disks disks;
    private final FolderGate gate;
    private final VmRecordStore records;
    private final Migrations migrations;
    private final IncarnationLookup incarnations;

    AbandonedArrivals(
            Hypervisor hypervisor,
            GuestStates states,
            Disks disks,
            FolderGate gate,
            VmRecordStore records,
            Migrations migrations,
            IncarnationLookup incarnations) {
        this.hypervisor = hypervisor;
        this.states = states;
        this.disks = disks;
        this.gate = gate;
        this.records = records;
        this.migrations = migrations;
        this.incarnations = incarnations;
    }

    /** @return false if something is left that can be removed later */
    boolean clear(UUID vm, List<VMIncarnation> cached) {
        Optional<Long> abandoned = records.lookUp(vm)
                .found()
                .flatMap(VmRecord::pendingArrival)
                .filter(epoch -> cached.stream()
                        .noneMatch(incarnation -> incarnation.getSpec().epoch().equals(epoch)));
        if (abandoned.isEmpty()) {
            return true;
        }
        long epoch = abandoned.get();
        // A guest that is here may have left its source.
        boolean isAbandoned =
                hypervisor.find(vm).isEmpty() && incarnations.isGone(VMIncarnation.nameOf(vm.toString(), epoch));
        if (!isAbandoned) {
            return false;
        }
        end(vm, epoch);
        return hypervisor.find(vm).isEmpty() && remove(vm, epoch);
    }

    /** Its source has kept what it has, and from now on gets no answer that its guest is here. */
    private void end(UUID vm, long epoch) {
        records.update(vm, record -> record.withEnd(epoch, Exit.NeverRan));
        migrations.abortIncoming(vm);
    }

    private boolean remove(UUID vm, long epoch) {
        VmRecord record = records.require(vm);
        try {
            if (record.copyOwner().equals(Optional.of(epoch))) {
                states.eraseWorkingCopy(vm);
            }
            record.of(epoch).arrival().flatMap(ArrivalRecord::copiedTo).ifPresent(location -> {
                try (Permit permit = gate.toSettle(new VmFolder(Path.of(location), vm))) {
                    disks.eraseTransfer(permit, epoch);
                }
            });
        } catch (UncheckedIOException e) {
            LOG.warn("VM {}: what was copied for epoch {}, which is gone, cannot be removed", vm, epoch, e);
            return false;
        }
        records.update(vm, now -> now.withoutCopiedDisks(epoch));
        LOG.info("VM {}: epoch {} is gone, and its guest never arrived: what was copied for it is removed", vm, epoch);
        return true;
    }
}
