package io.trustedlaunch.operator.quota;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.vm.RecordedDisk;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Charge;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The charge of a VM in the quotas of its namespace. Cores and memory count from the reservation of an epoch until the VM is
 * off, also between two incarnations: a guest that ends by itself finds its part again. Storage counts until the VM is gone.
 *
 * @param storage bytes of its disks, and of those that were removed and are kept
 * @param setAside bytes of the disks that restores have set aside
 */
public record VmCharge(long cores, long memory, long storage, long setAside) {
    public static Optional<VmCharge> onRecord(TrustedLaunchVM vm) {
        return vm.status()
                .map(TrustedLaunchVMStatus::charged)
                .map(charge -> new VmCharge(
                        charge.cores() == null ? 0 : charge.cores(),
                        bytes(charge.memory()),
                        bytes(charge.storage()),
                        bytes(charge.setAside())));
    }

    /** The charge of a retained VM: only its files. */
    public static VmCharge of(RetainedVMRecord record) {
        long disks = Stream.concat(record.dataDisks().stream(), record.removedDisks().stream())
                .mapToLong(RecordedDisk::bytes)
                .sum();
        return new VmCharge(0, 0, ByteSize.of(record.osDisk().size()) + disks, bytes(record.setAside()));
    }

    /** The charge that a VM has on record. */
    public static VmCharge known(TrustedLaunchVM vm) {
        return onRecord(vm).orElseGet(() -> new VmCharge(0, 0, 0, 0));
    }

    /**
     * The charge of the next start, by the present spec: disks grow and do not shrink.
     *
     * @param removed bytes of the disks that were removed by then
     * @param deleted bytes of those that it deletes
     */
    public VmCharge started(TrustedLaunchVMSpec spec, long removed, long deleted) {
        return new VmCharge(
                spec.cores(), ByteSize.of(spec.memory()), Math.max(storage - deleted, disks(spec) + removed), setAside);
    }

    /** Nothing that was made before stays. */
    public VmCharge withoutFiles() {
        return new VmCharge(cores, memory, 0, setAside);
    }

    /** The charge with files of its own, and not started. */
    public VmCharge withDisks(TrustedLaunchVMSpec spec) {
        return new VmCharge(cores, memory, Math.max(storage, disks(spec)), setAside);
    }

    /** The charge of a guest that runs with those disks. */
    public VmCharge withDisks(Machine machine) {
        return new VmCharge(cores, memory, Math.max(storage, disks(machine)), setAside);
    }

    /** A restore makes all disks once more, and keeps what was there. */
    public VmCharge restored(TrustedLaunchVMSpec spec) {
        long now = Math.max(storage, disks(spec));
        return new VmCharge(cores, memory, now, setAside + now);
    }

    /** That restore has failed: it leaves nothing. */
    public VmCharge notRestored() {
        return new VmCharge(cores, memory, storage, Math.max(0, setAside - storage));
    }

    public VmCharge off() {
        return new VmCharge(0, 0, storage, setAside);
    }

    /** The other is no more. */
    public boolean covers(VmCharge other) {
        return other.cores <= cores && other.memory <= memory && other.storage <= storage && other.setAside <= setAside;
    }

    public boolean isStarted() {
        return cores > 0;
    }

    public Charge toStatus() {
        return new Charge(
                cores == 0 ? null : Math.toIntExact(cores),
                memory == 0 ? null : ByteSize.quantity(memory),
                ByteSize.quantity(storage),
                setAside == 0 ? null : ByteSize.quantity(setAside));
    }

    /** The use by one VM. */
    public Use use() {
        return UseBuilder.builder()
                .vms(1)
                .cores(cores)
                .memory(memory)
                .storage(storage + setAside)
                .build();
    }

    /** The migration of a VM that has not ended. */
    public static Optional<Migration> openMigration(TrustedLaunchVM vm) {
        return vm.status().map(TrustedLaunchVMStatus::migration).filter(migration -> migration.outcome() == null);
    }

    /** Bytes of a machine's disks. */
    static long disks(Machine machine) {
        return machine.osDiskBytes()
                + Stream.concat(machine.dataDisks().stream(), machine.removedDisks().stream())
                        .mapToLong(Disk::bytes)
                        .sum();
    }

    private static long disks(TrustedLaunchVMSpec spec) {
        return ByteSize.of(spec.osDisk().size())
                + spec.dataDisks().stream()
                        .mapToLong(disk -> ByteSize.of(disk.size()))
                        .sum();
    }

    private static long bytes(Quantity quantity) {
        return quantity == null ? 0 : ByteSize.of(quantity);
    }
}
