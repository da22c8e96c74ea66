package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.disks.ImportedImage;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.gueststate.GuestStateSealer.Listed;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imagecopy.Images;
import io.trustedlaunch.agent.imagecopy.Images.Result.Awaited;
import io.trustedlaunch.agent.imagecopy.Images.Result.Found;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.record.ArrivalRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.vm.OsDiskSource;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.GuestState;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Makes the disks of a VM at its first start, and those that a later start adds, once; other starts require them. */
final class IncarnationDisks {
    private static final String OS_DISK = "os";

    private final Disks disks;
    private final Images images;
    private final VmRecordStore records;
    private final Failpoints failpoints;

    IncarnationDisks(Disks disks, Images images, VmRecordStore records, Failpoints failpoints) {
        this.disks = disks;
        this.images = images;
        this.records = records;
        this.failpoints = failpoints;
    }

    /**
     * Returns the image that is waited for; empty: the disks are there.
     *
     * @param from the guest state that the guest starts from; empty: it has none yet
     */
    Optional<Awaited> make(Permit permit, IncarnationFacts facts, Optional<GuestState> from) {
        Machine machine = facts.spec().machineNow();
        if (disks.hasOsDisk(facts.homeFolder()) || !mayMake(facts, OS_DISK)) {
            make(permit, facts, from, Optional.empty());
            return Optional.empty();
        }
        if (machine.osDiskSource() == OsDiskSource.Empty) {
            disks.ensureFolder(permit);
            disks.ensureEmptyOsDisk(permit, machine.osDiskBytes());
            make(permit, facts, from, Optional.empty());
            return Optional.empty();
        }
        return switch (images.find(machine)) {
            case Found(ImportedImage image) -> {
                make(permit, facts, from, Optional.of(image));
                yield Optional.empty();
            }
            case Awaited awaited -> Optional.of(awaited);
        };
    }

    private void make(Permit permit, IncarnationFacts facts, Optional<GuestState> from, Optional<ImportedImage> image) {
        disks.ensureFolder(permit);
        disks.ensureOsDisk(permit, image, facts.spec().machineNow().osDiskBytes(), facts.diskFill());
        record(facts.vm(), OS_DISK);
        for (Disk disk : dataDisks(facts.spec().machineNow())) {
            disks.ensureDataDisk(permit, disk.identity(), disk.bytes(), mayMake(facts, disk, from), facts.diskFill());
            record(facts.vm(), nameOf(disk));
        }
        delete(permit, facts.spec().machineNow());
        failpoints.reached(Failpoint.AGENT_DISKS_MADE);
    }

    /**
     * Makes a disk that is added to the running guest, unless it is there; it must be, if some guest had it.
     *
     * @param listed those that the guest's newest state lists
     */
    void add(Permit permit, IncarnationFacts facts, Disk disk, Listed listed) {
        boolean isNew = !disk.wasRemoved()
                && disk.revision() != null
                && disk.epoch().equals(facts.epoch())
                && disk.revision() > listed.devices()
                && !listed.dataDisks().contains(disk.identity())
                && !wasMade(facts, nameOf(disk));
        disks.ensureDataDisk(permit, disk.identity(), disk.bytes(), isNew, Optional.empty());
        record(facts.vm(), nameOf(disk));
    }

    /** Those that a user named; none that the guest is given. */
    private void delete(Permit permit, Machine machine) {
        machine.deletedDisks().stream()
                .map(DiskIdentity::of)
                .filter(deleted ->
                        dataDisks(machine).stream().map(Disk::identity).noneMatch(deleted::equals))
                .forEach(deleted -> disks.deleteRemoved(permit, deleted));
    }

    /** Makes the disks that those of an arriving guest are copied to. */
    void makeBlank(Permit permit, IncarnationFacts facts) {
        VmFolder folder = facts.homeFolder();
        disks.ensureTransferFolder(permit, facts.epoch());
        disks.ensureBlank(permit, folder.osDisk(), facts.spec().machineNow().osDiskBytes());
        for (Disk disk : dataDisks(facts.spec().machineNow())) {
            disks.ensureBlank(permit, folder.dataDisk(disk.identity()), disk.bytes());
        }
        failpoints.reached(Failpoint.TARGET_DISKS_MADE);
    }

    /** The guest has left its source, so that all of its disks are here. */
    void keepCopied(Permit permit, IncarnationFacts facts) {
        if (facts.own().arrival().flatMap(ArrivalRecord::copiedTo).isPresent()) {
            disks.keepCopy(permit, facts.epoch());
            failpoints.reached(Failpoint.TARGET_COPY_KEPT);
        }
    }

    void requireShared(IncarnationFacts facts) {
        VmFolder folder = facts.homeFolder();
        Stream.concat(
                        Stream.of(folder.osDisk()),
                        dataDisks(facts.spec().machineNow()).stream().map(disk -> folder.dataDisk(disk.identity())))
                .filter(disk -> !Files.isRegularFile(disk, LinkOption.NOFOLLOW_LINKS))
                .findFirst()
                .ifPresent(disk -> {
                    throw new RefusedException(
                            Reason.DiskMissing,
                            "the VM's disk " + disk
                                    + " is not on this node: mount its storage location, or restore it");
                });
    }

    /** A folder that this node did not make for this guest may be in use, for example because both nodes share it. */
    void requireOwnFolder(IncarnationFacts facts) {
        VmFolder folder = facts.homeFolder();
        boolean own = facts.own().arrival().flatMap(ArrivalRecord::copiedTo).isPresent();
        if (!own && Files.exists(folder.path(), LinkOption.NOFOLLOW_LINKS)) {
            throw new RefusedException(
                    Reason.FolderInTheWay,
                    "the VM's disks cannot be copied to " + folder.path()
                            + " because this folder exists. If both nodes share it, wait some minutes until that is"
                            + " detected; if it is left over, remove it on this node");
        }
    }

    private boolean mayMake(IncarnationFacts facts, Disk disk, Optional<GuestState> from) {
        return (disk.epoch() == null && !disk.wasRemoved())
                ? mayMake(facts, nameOf(disk))
                : from.filter(state -> ListedDisks.isNew(facts, state, disk))
                        .filter(state -> !wasMade(facts, nameOf(disk)))
                        .isPresent();
    }

    private boolean wasMade(IncarnationFacts facts, String disk) {
        return records.require(facts.vm()).disksMade().contains(disk);
    }

    private static String nameOf(Disk disk) {
        return "data-" + disk.identity();
    }

    /**
     * Only a VM that has never started gets such disks, and each of them once; one that names no image to make them from has them.
     */
    private boolean mayMake(IncarnationFacts facts, String disk) {
        return facts.spec().firstStart() && facts.spec().machineNow().image().uid() != null && !wasMade(facts, disk);
    }

    private void record(UUID vm, String disk) {
        records.update(vm, record -> record.withDisk(disk));
    }

    private static List<Disk> dataDisks(Machine machine) {
        return Optional.ofNullable(machine.dataDisks()).orElse(List.of());
    }
}
