package io.trustedlaunch.cli.plugin.change;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VmDisk;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.change.VmChange.Effect;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Changes of a VM's disks. */
public final class DiskChanges {
    /** Stands for the OS disk. */
    private static final String OS = "os";

    private static final String DELETED = "/spec/deletedDisks";

    private final TrustedLaunchVM vm;
    private final VmDisks disks;
    private final SpecList<DataDisk> entries;
    private final String owner;

    public DiskChanges(TrustedLaunchVM vm) {
        this.vm = vm;
        owner = VmChange.reference(vm);
        disks = VmDisks.of(vm);
        entries = new SpecList<>("/spec/dataDisks", "data disk", owner, disks.wanted(), DataDisk::name);
    }

    /**
     * @param size empty: that of the removed disk
     * @throws CommandException if the name is in use, or the size is smaller than that of a disk that the VM has
     */
    public VmChange add(String name, Optional<Quantity> size) {
        requireUnused(name);
        Quantity wanted = size.orElseThrow(() -> new CommandException(
                "--size is required, for example --size 20Gi; with --from-removed it is that of the removed disk"));
        Optional<VmDisk> leaving = disks.leaving().stream()
                .filter(disk -> disk.name().equals(name))
                .findFirst();
        Operation added = entries.added(new DataDisk(name, wanted));
        if (leaving.isPresent()) {
            requireKept(leaving.get());
            requireNotSmaller("data disk " + leaving.get().id(), leaving.get().size(), wanted);
            return new VmChange(
                    List.of(added),
                    "data disk " + leaving.get().id() + " stays: its removal had not taken effect",
                    isLarger(wanted, leaving.get().size()) ? Effect.RUNNING : Effect.NONE);
        }
        return VmChange.whileRunning(added, "empty data disk " + name + " (" + wanted + ") added" + besides(name));
    }

    /**
     * Brings a removed disk back.
     *
     * @param size empty: its own
     * @throws CommandException if the VM has no such disk, or it cannot have the name or the size
     */
    public VmChange addRemoved(String name, String id, Optional<Quantity> size) {
        requireUnused(name);
        VmDisk disk = Stream.of(disks.keptRemoved(), disks.leaving())
                .flatMap(List::stream)
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> unknownRemoved(id, disks.keptRemoved()));
        if (!disk.name().equals(name)) {
            throw new CommandException("removed disk " + id + " of " + owner + " keeps its name: kubectl tlvm disk add "
                    + VmChange.nameAndNamespace(vm) + " " + disk.name() + " --from-removed " + id);
        }
        requireKept(disk);
        Quantity wanted = size.orElse(disk.size());
        requireNotSmaller("removed disk " + id, disk.size(), wanted);
        return VmChange.whileRunning(
                entries.added(new DataDisk(name, wanted, new DataDisk.Origin(id))),
                "removed disk " + id + " (" + wanted + ") added again");
    }

    /** @throws CommandException if there is no such disk, or it is not smaller */
    public VmChange grow(String name, Quantity size) {
        boolean os = name.equals(OS);
        String disk = os ? "the OS disk" : "data disk " + name;
        Quantity before =
                os ? vm.getSpec().osDisk().size() : entries.require(name).size();
        requireNotSmaller(disk, before, size);
        if (!isLarger(size, before)) {
            throw new CommandException(disk + " of " + owner + " has " + before + " already");
        }
        return VmChange.whileRunning(
                Operation.replace((os ? "/spec/osDisk" : entries.pathOf(name)) + "/size", size),
                disk + " grows from " + before + " to " + size);
    }

    /** @throws CommandException if there is no such data disk */
    public VmChange remove(String name) {
        if (name.equals(OS)) {
            throw new CommandException("the OS disk of " + owner + " cannot be removed: delete the VM instead");
        }
        DataDisk entry = entries.require(name);
        Operation removed = Operation.remove(entries.pathOf(name));
        Optional<VmDisk> attached = disks.attachedAs(entry);
        if (attached.isPresent()) {
            requireKept(attached.get());
            return VmChange.whileRunning(
                    removed,
                    "data disk " + name + " removed, and its file is kept as removed disk "
                            + attached.get().id());
        }
        return new VmChange(
                List.of(removed),
                entry.broughtBack()
                        .map(id -> "data disk " + name + " removed; disk " + id + " had not been brought back yet")
                        .orElse("data disk " + name + " removed; the VM had not been started with it yet"),
                Effect.NONE);
    }

    /**
     * Has the file of a removed disk deleted. What was deleted stays in the list, where the next start may look for it.
     *
     * @throws CommandException if the VM has no such disk, or may have it in use
     */
    public VmChange delete(String id) {
        VmDisk disk = removed(id);
        return VmChange.waiting(
                disks.deleted().isEmpty() ? Operation.add(DELETED, List.of(id)) : Operation.add(DELETED + "/-", id),
                "removed disk " + id + " (" + disk.size() + ") to be deleted");
    }

    private VmDisk removed(String id) {
        Optional<VmDisk> attached = VmDisks.named(disks.attached(), id);
        if (attached.isPresent()) {
            throw new CommandException("data disk " + id + " of " + owner
                    + (disks.leaving().contains(attached.get())
                            ? " has not left the guest yet; delete it after that, for which a restart may be needed: kubectl tlvm restart "
                                    + VmChange.nameAndNamespace(vm)
                            : " is in use; remove it first: kubectl tlvm disk remove " + VmChange.nameAndNamespace(vm)
                                    + " " + attached.get().name()));
        }
        VmDisk disk = VmDisks.named(disks.removed(), id).orElseThrow(() -> unknownRemoved(id, disks.removed()));
        if (disks.isToBeDeleted(disk)) {
            throw new CommandException("removed disk " + id + " of " + owner
                    + " is in spec.deletedDisks already: the next start deletes its file");
        }
        if (!disks.keptRemoved().contains(disk)) {
            throw new CommandException("removed disk " + id + " of " + owner
                    + " comes back, as spec.dataDisks asks; take that back first: kubectl tlvm disk remove "
                    + VmChange.nameAndNamespace(vm) + " " + disk.name());
        }
        return disk;
    }

    private CommandException unknownRemoved(String id, List<VmDisk> known) {
        return new CommandException(owner + " has no removed disk " + id + ": "
                + (known.isEmpty()
                        ? "it has none"
                        : "it has these: " + known.stream().map(VmDisk::id).collect(Collectors.joining(", "))));
    }

    private void requireUnused(String name) {
        if (name.equals(OS)) {
            throw new CommandException("a data disk cannot have the name os, which stands for the OS disk; to make that"
                    + " larger: kubectl tlvm disk grow " + VmChange.nameAndNamespace(vm) + " os --size SIZE");
        }
        if (entries.has(name)) {
            throw new CommandException(owner + " has a data disk " + name
                    + " already: choose another name, or make that one larger: kubectl tlvm disk grow "
                    + VmChange.nameAndNamespace(vm) + " " + name + " --size SIZE");
        }
    }

    private void requireKept(VmDisk disk) {
        if (disks.isToBeDeleted(disk)) {
            throw new CommandException("disk " + disk.id() + " of " + owner
                    + " is in spec.deletedDisks, which has its file deleted: take it out there first, kubectl edit tlvm "
                    + VmChange.nameAndNamespace(vm));
        }
    }

    private void requireNotSmaller(String disk, Quantity before, Quantity size) {
        if (isLarger(before, size)) {
            throw new CommandException(disk + " of " + owner + " has " + before + ", and a disk only grows: --size "
                    + size + " would cut off the guest's data");
        }
    }

    private static boolean isLarger(Quantity one, Quantity other) {
        return ByteSize.of(one) > ByteSize.of(other);
    }

    /** That a removed disk of the name is another one. */
    private String besides(String name) {
        List<String> ids = disks.keptRemoved().stream()
                .filter(disk -> disk.name().equals(name))
                .map(VmDisk::id)
                .toList();
        return ids.isEmpty()
                ? ""
                : "; it is another disk than " + String.join(", ", ids) + ", which stays removed (--from-removed)";
    }
}
