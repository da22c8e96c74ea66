package io.trustedlaunch.operator.vm.facts;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.RecordedDisk;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which data disks a machine has, which were removed and are kept, and which removed ones its start deletes. The agent compares them
 * with the newest guest state before a start: where the record here is behind, the start waits.
 */
public record DataDisks(List<Disk> disks, List<Disk> removed, List<DiskIdentity> deleted) {
    private static final DataDisks NONE = new DataDisks(List.of(), List.of());

    /** None is deleted. */
    public DataDisks(List<Disk> disks, List<Disk> removed) {
        this(disks, removed, List.of());
    }

    /** Those of the incarnation of that epoch, by the present spec. It must be the current epoch, or the next. */
    public static DataDisks of(VmFacts facts, long epoch) {
        return of(facts, epoch, facts.vm().diskFill().isPresent() || hasBegun(facts, epoch));
    }

    /** Those that the next start has after a guest that has these, by the present spec. */
    public DataDisks ofNextStart(VmFacts facts) {
        return facts.vm().diskFill().isPresent()
                ? grown(facts.vm().spec().dataDisks())
                : changedTo(facts.vm().spec().dataDisks(), Optional.of(facts.nextEpoch()), deleted(facts));
    }

    /**
     * Those of a guest that has these, and is given what the present spec changes while it runs, in the order of those that are there.
     * A disk is deleted at a start only. One whose identity a removed disk has, of the same epoch and name, waits for a start.
     *
     * @param revision of the devices that add what is new
     */
    public DataDisks whileRunning(VmFacts facts, long epoch, long revision) {
        List<Disk> chosen = changedTo(facts.vm().spec().dataDisks(), Optional.of(epoch), List.of()).disks.stream()
                .filter(disk -> disk.wasRemoved() || !has(removed, disk))
                .toList();
        Stream<Disk> stay = disks.stream()
                .flatMap(disk -> chosen.stream()
                        .filter(one -> one.identity().equals(disk.identity()))
                        .map(one -> new Disk(
                                disk.name(),
                                ByteSize.larger(disk.size(), one.size()),
                                disk.epoch(),
                                one.wasRemoved() ? Boolean.TRUE : disk.broughtBack(),
                                disk.revision())));
        Stream<Disk> come = chosen.stream()
                .filter(disk -> !has(disks, disk))
                .map(disk ->
                        disk.wasRemoved() ? disk : new Disk(disk.name(), disk.size(), disk.epoch(), null, revision));
        return with(Stream.concat(stay, come).toList(), List.of());
    }

    private static boolean has(List<Disk> disks, Disk disk) {
        return disks.stream().anyMatch(one -> one.identity().equals(disk.identity()));
    }

    /** Those that a restore of the whole VM, which begins now, is to bring. */
    public static DataDisks ofRestore(VmFacts facts) {
        return of(facts, facts.nextEpoch(), false);
    }

    /** @param fixed what is on record stays */
    private static DataDisks of(VmFacts facts, long epoch, boolean fixed) {
        List<DataDisk> wanted = facts.vm().spec().dataDisks();
        List<DiskIdentity> deleted = deleted(facts);
        if (facts.incarnations().isFirstStart()) {
            return NONE.changedTo(wanted, Optional.empty(), deleted);
        }
        Optional<DataDisks> recorded = onRecord(facts);
        if (recorded.isPresent() && fixed) {
            return recorded.get().grown(wanted);
        }
        // Without a record, no disk is taken for a new one: that all of them are of the first start is for the agent to
        // find out.
        Optional<Long> adds = recorded.map(known -> epoch);
        return recorded.orElse(NONE).changedTo(wanted, adds, deleted);
    }

    private static List<DiskIdentity> deleted(VmFacts facts) {
        return facts.vm().spec().deletedDisks().stream()
                .flatMap(id -> DiskIdentity.parse(id).stream())
                .toList();
    }

    /** Those that the VM has had last; empty before its first start, and if that is not known here. */
    public static Optional<DataDisks> onRecord(VmFacts facts) {
        Optional<Restore> restored = facts.vm().restores().completed().filter(restore -> restore.copyOf() == null);
        long since = restored.map(Restore::afterEpoch).orElse(0L);
        Optional<DataDisks> before = facts.incarnations()
                .byMachine()
                .findFirst()
                .map(DataDisks::of)
                .or(() -> facts.retained()
                        .heldBy(facts.vm().ownerUid())
                        .map(RetainedVm.Found::record)
                        .map(DataDisks::of));
        return facts.incarnations()
                .byMachine()
                .filter(one -> one.mayHaveNewestMachine() && one.epoch() > since)
                .findFirst()
                .map(DataDisks::of)
                .or(() -> restored.map(restore -> before.orElse(NONE).restoredTo(restore.dataDisks())))
                .or(() -> before);
    }

    /** Those of a machine. */
    public static DataDisks of(Machine machine) {
        return new DataDisks(machine.dataDisks(), machine.removedDisks());
    }

    /** The guest state lists what the guest was given. Of one that was to be brought back, that is known only once the agent says so. */
    private static DataDisks of(Incarnation incarnation) {
        DataDisks machine = of(incarnation.machine());
        return incarnation.hasRun() && !incarnation.lacksDevices()
                ? new DataDisks(
                        machine.disks.stream()
                                .map(disk -> new Disk(disk.name(), disk.size(), disk.epoch(), null, disk.revision()))
                                .toList(),
                        machine.removed)
                : machine;
    }

    private static DataDisks of(RetainedVMRecord record) {
        return new DataDisks(onRecord(record.dataDisks()), onRecord(record.removedDisks()));
    }

    private static List<Disk> onRecord(List<RecordedDisk> disks) {
        return disks.stream()
                .map(disk -> new Disk(disk.name(), disk.size(), disk.epoch(), null))
                .toList();
    }

    /** Its guest may have run, though its incarnation is not here: it has what it had. */
    private static boolean hasBegun(VmFacts facts, long epoch) {
        Optional<GuestState> state = facts.vm().guestState();
        boolean isHere = facts.incarnations().of(epoch).isPresent();
        return !isHere
                && Stream.concat(
                                state.map(GuestState::home).map(Home::epoch).stream(),
                                state.map(GuestState::newest).map(GuestStateVersion::epoch).stream())
                        .anyMatch(begun -> begun >= epoch);
    }

    /** The same disks. A disk only grows. */
    private DataDisks grown(List<DataDisk> wanted) {
        return new DataDisks(
                disks.stream()
                        .map(disk -> wanted.stream()
                                .filter(one -> one.name().equals(disk.name()))
                                .findFirst()
                                .map(one -> sized(disk, ByteSize.larger(one.size(), disk.size())))
                                .orElse(disk))
                        .toList(),
                removed);
    }

    /** @param adds the epoch that adds what is new; empty: nothing is */
    private DataDisks changedTo(List<DataDisk> wanted, Optional<Long> adds, List<DiskIdentity> deleted) {
        return with(wanted.stream().map(disk -> chosen(disk, this, adds)).toList(), deleted);
    }

    private DataDisks restoredTo(List<RecordedDisk> restored) {
        return with(onRecord(restored), List.of());
    }

    /** What is not among them any more was removed. */
    private DataDisks with(List<Disk> chosen, List<DiskIdentity> deleted) {
        Set<DiskIdentity> has = chosen.stream().map(Disk::identity).collect(Collectors.toSet());
        return new DataDisks(
                chosen,
                Stream.concat(removed.stream(), disks.stream().map(disk -> sized(disk, disk.size())))
                        .filter(disk -> !has.contains(disk.identity()) && !deleted.contains(disk.identity()))
                        .map(disk -> new Disk(disk.name(), disk.size(), disk.epoch(), null))
                        .toList(),
                deleted);
    }

    /** A user may name a disk that is not on record here: whether it exists is for the agent to find out. */
    private static Disk chosen(DataDisk wanted, DataDisks recorded, Optional<Long> adds) {
        Optional<DiskIdentity> named = wanted.broughtBack();
        if (named.isPresent()) {
            Quantity size = Stream.concat(recorded.disks.stream(), recorded.removed.stream())
                    .filter(disk -> disk.identity().equals(named.get()))
                    .findFirst()
                    .map(disk -> ByteSize.larger(wanted.size(), disk.size()))
                    .orElse(wanted.size());
            return new Disk(wanted.name(), size, named.get().addedBy().orElse(null), true);
        }
        return recorded.disks.stream()
                .filter(disk -> disk.name().equals(wanted.name()))
                .findFirst()
                .map(disk -> sized(disk, wanted.size()))
                .orElseGet(() -> new Disk(wanted.name(), wanted.size(), adds.orElse(null), null));
    }

    private static Disk sized(Disk disk, Quantity size) {
        return new Disk(disk.name(), size, disk.epoch(), disk.broughtBack(), disk.revision());
    }

    /** One that is to be deleted, and is not removed: no start does both. */
    public Optional<DiskIdentity> contradiction() {
        return disks.stream().map(Disk::identity).filter(deleted::contains).findFirst();
    }

    /**
     * Bytes of the files that go, of those that the VM had.
     *
     * @param before what it had
     */
    public long deletedBytesOf(DataDisks before) {
        return Stream.concat(before.disks.stream(), before.removed.stream())
                .filter(disk -> deleted.contains(disk.identity()))
                .mapToLong(Disk::bytes)
                .sum();
    }

    /** Bytes of those that were removed. */
    public long removedBytes() {
        return removed.stream().mapToLong(Disk::bytes).sum();
    }

    public List<RecordedDisk> recordedDisks() {
        return disks.stream().map(Disk::recorded).toList();
    }

    public List<RecordedDisk> recordedRemoved() {
        return removed.stream().map(Disk::recorded).toList();
    }
}
