package io.trustedlaunch.recovery;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.vm.RecordedDisk;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.custody.ProtectionKey;
import java.util.List;
import java.util.Optional;

/** The VM in a backup's escrow, and the part of it that goes on record when the VM comes back. */
public final class BackedUpVm {
    /**
     * Hosts may remember incarnations that began after the backup was made, and refuse all that are not later. No VM starts so
     * often between two backups.
     */
    private static final long EPOCHS_SINCE_A_BACKUP = 1000;

    private BackedUpVm() {}

    /**
     * The escrow of a VM whose backup begins.
     *
     * @param vm with its status
     * @param machine that it has in the backup; empty if that is not known
     */
    public static Escrow escrow(TrustedLaunchVM vm, Optional<Machine> machine, ProtectionKey key) {
        TrustedLaunchVMStatus status = vm.getStatus();
        return new Escrow(
                key,
                withoutAnnotations(vm),
                RetainedVMRecordBuilder.builder()
                        .namespace(vm.getMetadata().getNamespace())
                        .name(vm.getMetadata().getName())
                        .uid(vm.identity())
                        .objectUID(vm.getMetadata().getUid())
                        .epoch(status.epoch())
                        .osType(machine.map(Machine::osType).orElse(null))
                        .image(status.image())
                        .vTPM(ekOf(status.vTPM()))
                        .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                                .home(home(vm))
                                .libtpms(Optional.ofNullable(status.guestState())
                                        .map(TrustedLaunchVMStatus.GuestState::libtpms)
                                        .orElse(null))
                                .build())
                        .secureBoot(status.secureBoot())
                        .osDisk(vm.getSpec().osDisk())
                        .dataDisks(machine.map(Machine::dataDisks)
                                .map(disks -> disks.stream().map(Disk::recorded).toList())
                                .orElseGet(() -> ofFirstStart(vm)))
                        .removedDisks(machine.map(Machine::removedDisks).orElseGet(List::of).stream()
                                .map(Disk::recorded)
                                .toList())
                        .build());
    }

    /** A start from the backup finds out whether they are. */
    private static List<RecordedDisk> ofFirstStart(TrustedLaunchVM vm) {
        return vm.getSpec().dataDisks().stream()
                .map(disk -> new RecordedDisk(disk.name(), disk.size()))
                .toList();
    }

    /** They can be large, and each backup has its own escrow on record. */
    private static TrustedLaunchVM withoutAnnotations(TrustedLaunchVM vm) {
        TrustedLaunchVM without = new TrustedLaunchVM();
        without.setMetadata(
                new ObjectMetaBuilder(vm.getMetadata()).withAnnotations(null).build());
        without.setSpec(vm.getSpec());
        return without;
    }

    /** Its certificate is of a cluster that may be gone. */
    private static TrustedLaunchVMStatus.VTpm ekOf(TrustedLaunchVMStatus.VTpm recorded) {
        return recorded == null ? null : new TrustedLaunchVMStatus.VTpm(recorded.ekDigest(), null);
    }

    private static Home home(TrustedLaunchVM vm) {
        TrustedLaunchVMStatus status = vm.getStatus();
        return Optional.ofNullable(status.guestState())
                .map(TrustedLaunchVMStatus.GuestState::home)
                .orElseGet(() -> new Home(
                        vm.getSpec().storageLocationRef().name(), status.nodeName(), status.epoch(), false, null));
    }

    /**
     * The record of a retained VM that comes back as it is in a backup: nothing newer of it counts.
     *
     * @param escrow the backup's
     * @param guestState that the backup has
     */
    public static RetainedVMRecord record(Escrow escrow, GuestStateVersion guestState, Optional<String> namespaceUID) {
        RetainedVMRecord then = escrow.record();
        return RetainedVMRecordBuilder.builder(then)
                .namespaceUID(namespaceUID.orElse(null))
                .epoch(Math.max(then.epoch(), guestState.epoch()) + EPOCHS_SINCE_A_BACKUP)
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .newest(guestState)
                        .floor(guestState)
                        .libtpms(then.guestState().libtpms())
                        .home(new Home(
                                then.home().storageLocation(),
                                then.home().nodeName(),
                                guestState.epoch(),
                                true,
                                then.home().cluster()))
                        .build())
                .build();
    }
}
