package io.trustedlaunch.cli.plugin.change;

import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.VmDisk;
import java.util.List;
import java.util.Optional;

/**
 * The data disks of a VM.
 *
 * @param wanted those of its spec
 * @param attached those that it has, or had when it ran last
 * @param removed those whose files are kept
 * @param deleted ids of those whose files the next start is to delete
 */
public record VmDisks(List<DataDisk> wanted, List<VmDisk> attached, List<VmDisk> removed, List<String> deleted) {
    public static VmDisks of(TrustedLaunchVM vm) {
        return new VmDisks(
                vm.getSpec().dataDisks(),
                vm.status().map(TrustedLaunchVMStatus::dataDisks).orElse(List.of()),
                vm.status().map(TrustedLaunchVMStatus::removedDisks).orElse(List.of()),
                vm.getSpec().deletedDisks());
    }

    /** The disk that the entry is; empty: the VM has it from its next start on. */
    public Optional<VmDisk> attachedAs(DataDisk entry) {
        return attached.stream().filter(disk -> is(entry, disk)).findFirst();
    }

    /** The removed disk that the next start brings back for an entry. */
    public Optional<VmDisk> broughtBackAs(DataDisk entry) {
        return entry.broughtBack().flatMap(id -> named(removed, id.toString()));
    }

    /** The VM has them until its next start. */
    public List<VmDisk> leaving() {
        return attached.stream()
                .filter(disk -> wanted.stream().noneMatch(entry -> is(entry, disk)))
                .toList();
    }

    /** The next start does not bring them back. */
    public List<VmDisk> keptRemoved() {
        return removed.stream()
                .filter(disk -> wanted.stream().map(this::broughtBackAs).noneMatch(Optional.of(disk)::equals))
                .toList();
    }

    public boolean isToBeDeleted(VmDisk disk) {
        return deleted.contains(disk.id());
    }

    static Optional<VmDisk> named(List<VmDisk> disks, String id) {
        return disks.stream().filter(disk -> disk.id().equals(id)).findFirst();
    }

    /** An entry without an id is whichever disk has its name. */
    private static boolean is(DataDisk entry, VmDisk disk) {
        return entry.broughtBack()
                .map(id -> id.toString().equals(disk.id()))
                .orElseGet(() -> entry.name().equals(disk.name()));
    }
}
