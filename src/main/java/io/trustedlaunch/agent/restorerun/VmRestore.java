package io.trustedlaunch.agent.restorerun;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.backup.BackupExtraction;
import io.trustedlaunch.agent.folder.Entry;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.folder.FolderRequest;
import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.order.LaterException;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.run.FreeSpaceGuard;
import io.trustedlaunch.agent.run.ReadMeter;
import io.trustedlaunch.agent.run.RunFaults;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.process.SteadyClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** One restore of one VM: what is to be done once its files are made or found, and what must be so before. */
final class VmRestore {
    /** Looks come each half second. */
    private static final int LOOKS_BETWEEN_READS = 20;

    private static final Set<Reason> LATER = EnumSet.of(Reason.OwnershipUnread, Reason.AwaitingFence);

    /** @param locations why VM files must not be in a storage location now */
    @RecordBuilder
    record Tools(
            String nodeName,
            Hypervisor hypervisor,
            Function<Path, Optional<Problem>> locations,
            FolderGate gate,
            ExtractionTools extraction,
            FreeSpaceGuard room,
            SupervisedWork watched,
            Failpoints failpoints) {}

    private final Tools tools;
    private final RestoreRunSpec spec;
    private final UUID restore;
    private final VmFolder folder;
    private final RestoreFolders folders;
    private final Supplier<Optional<Problem>> brokenOff;
    private final IntConsumer progress;
    private final ReadMeter meter;
    private int looks;

    /** @param progress receives a percentage, often */
    VmRestore(Tools tools, RestoreRun run, Supplier<Optional<Problem>> brokenOff, IntConsumer progress) {
        this.tools = tools;
        this.spec = run.getSpec();
        this.restore = UUID.fromString(run.getMetadata().getName());
        this.folder = new VmFolder(
                Path.of(spec.storageLocation().path()),
                UUID.fromString(spec.vmRef().uid()));
        this.folders = new RestoreFolders(folder, tools.extraction().account(), tools.failpoints());
        this.brokenOff = brokenOff;
        this.progress = progress;
        this.meter = new ReadMeter(SteadyClock.system());
    }

    /** Finishes what was committed, by whatever process. A location that is not there says nothing of what was. */
    void resume() throws IOException {
        tools.locations().apply(folder.location()).ifPresent(VmRestore::refuse);
        finish();
    }

    private void finish() throws IOException {
        if (folders.isUnfinished()) {
            try (Permit permit = granted(tools.gate().toFinish(request()))) {
                folders.finish(permit);
            }
        }
        folders.discard();
    }

    boolean isDone() {
        return folders.isDone(restore);
    }

    boolean isCommitted() {
        return folders.isCommitted(restore) || isDone();
    }

    void discard() throws IOException {
        folders.discard();
    }

    /** Makes the files, commits them and puts them in place. */
    void make() throws IOException {
        Path staging;
        try (Permit permit = enter()) {
            staging = folders.begin(permit, restore);
        }
        BackupExtraction.Result result =
                tools.watched().run("restore-" + folder.vm(), () -> extract(staging), this::hindrance, () -> {});
        switch (result) {
            case BackupExtraction.Result.Refused(BackupFault fault, String message) ->
                refuse(RunFaults.ofBackup(fault, message));
            case BackupExtraction.Result.Extracted made -> {
                try (Permit permit = enter()) {
                    folders.commit(permit, restore, placed(made), Optional.ofNullable(spec.guestState()));
                }
                finish();
            }
        }
    }

    /** A new VM is created with its copies: they have their names alone. */
    private BackupExtraction.Result.Extracted placed(BackupExtraction.Result.Extracted made) {
        return spec.copyOf() == null
                ? made
                : new BackupExtraction.Result.Extracted(
                        made.description(),
                        made.disks().stream()
                                .map(disk -> new BackupExtraction.Disk(
                                        disk.file(),
                                        disk.dataDisk().map(saved -> DiskIdentity.ofFirstStart(saved.name()))))
                                .toList(),
                        made.guestState());
    }

    private Optional<Problem> hindrance() {
        progress.accept(meter.percent());
        return brokenOff
                .get()
                .or(() -> meter.silence(spec.location().place() + ", or storage location " + folder.location() + ","))
                .or(() -> tools.room().shortage(folder.location()))
                .or(this::notWanted);
    }

    /** Reads the record from time to time only: the deletion of the VM waits for this. */
    private Optional<Problem> notWanted() {
        if (++looks % LOOKS_BETWEEN_READS != 0) {
            return Optional.empty();
        }
        try (Permit permit = enter()) {
            return Optional.empty();
        } catch (LaterException e) {
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(new Problem(e.reason(), e.getMessage()));
        }
    }

    private BackupExtraction.Result extract(Path staging) throws IOException {
        UUID saved = Optional.ofNullable(spec.copyOf())
                .map(copied -> UUID.fromString(copied.uid()))
                .orElse(folder.vm());
        RestoreEnvelope.Address address = new RestoreEnvelope.Address(restore.toString(), saved, tools.nodeName());
        return tools.extraction().extract(address, spec, staging, meter, this::chosen);
    }

    private List<BackupDescription.Disk> chosen(BackupDescription description) {
        require(description);
        return spec.disks().isEmpty()
                ? description.disks()
                : description.disks().stream()
                        .filter(disk -> DiskName.dataDisk(disk.name())
                                .filter(named()::contains)
                                .isPresent())
                        .toList();
    }

    /** The disks that the VM has by these names now: a disk that had one of them before is another. */
    private Set<DiskIdentity> named() {
        return spec.dataDisks().stream()
                .filter(disk -> spec.disks().contains(disk.name()))
                .map(VMIncarnationSpec.Disk::identity)
                .collect(Collectors.toSet());
    }

    private void require(BackupDescription description) {
        if (spec.copyOf() != null) {
            CloneChecks.refusal(spec, description).ifPresent(VmRestore::refuse);
        } else if (!spec.disks().isEmpty()) {
            missing(description).ifPresent(VmRestore::refuse);
        } else if (!description.guestState().equals(spec.guestState())) {
            throw new RefusedException(
                    Reason.BackupDamaged,
                    "backup " + spec.backup().uid() + " has guest state " + description.guestState() + ", and "
                            + spec.guestState() + " is on record");
        } else {
            otherDisks(description).ifPresent(VmRestore::refuse);
        }
    }

    /** The guest state in the backup lists them, and a start of the VM with others would be refused. */
    private Optional<Problem> otherDisks(BackupDescription description) {
        Set<DiskIdentity> saved = description.disks().stream()
                .flatMap(disk -> DiskName.dataDisk(disk.name()).stream())
                .collect(Collectors.toSet());
        Set<DiskIdentity> wanted =
                spec.dataDisks().stream().map(VMIncarnationSpec.Disk::identity).collect(Collectors.toSet());
        return saved.equals(wanted)
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.RestoreMismatch,
                        "backup " + spec.backup().uid() + " has " + shown(saved) + ", and the VM has " + shown(wanted)
                                + " by its spec.dataDisks: set the entries to those of the backup, each that the VM does"
                                + " not have with from.removedDisk, then approve the restore again"));
    }

    private static String shown(Set<DiskIdentity> disks) {
        return disks.isEmpty()
                ? "no data disk"
                : disks.stream()
                        .map(DiskIdentity::toString)
                        .sorted()
                        .collect(Collectors.joining(", ", "data disks ", ""));
    }

    private Optional<Problem> missing(BackupDescription description) {
        return spec.disks().stream()
                .filter(name -> named().stream()
                        .noneMatch(disk -> disk.name().equals(name)
                                && description.disk(DiskName.ofData(disk)).isPresent()))
                .findFirst()
                .map(name -> new Problem(
                        Reason.RestoreMismatch,
                        "spec.approveRestore names data disk " + name
                                + ", which the backup does not have; a disk that had the name before is another one"));
    }

    private void requireNoDomain() {
        if (hasDomain()) {
            throw new LaterException(new Problem(
                    Reason.EarlierIncarnationHere,
                    "VM " + folder.vm() + " still has a domain on node " + tools.nodeName()
                            + "; the restore begins when it is gone"));
        }
    }

    private boolean hasDomain() {
        try {
            return tools.hypervisor().find(folder.vm()).isPresent();
        } catch (HypervisorException e) {
            throw new LaterException(RestoreOrders.FAULTS.of(e).orElseThrow());
        }
    }

    /**
     * No guest uses the files: here none is, and elsewhere none may be, as the gate finds; another operator or another restore may
     * have had its turn since the last look.
     */
    private Permit enter() {
        requireNoDomain();
        return granted(tools.gate().toRestore(request(), this::notOnRecord));
    }

    private FolderRequest request() {
        return new FolderRequest(spec.vmRef(), spec.epoch(), folder, false, Set.copyOf(spec.afterFences()));
    }

    private static Permit granted(Entry entry) {
        return switch (entry) {
            case Entry.Granted(Permit permit) -> permit;
            case Entry.Awaited awaited ->
                throw new LaterException(new Problem(
                        Reason.OwnershipUnread,
                        "this node does not know yet whether the API server's data is current, or still clears the VM's folder;"
                                + " check that the operator runs"));
            case Entry.Refused(Problem problem)
            when LATER.contains(problem.reason()) -> throw new LaterException(problem);
            case Entry.Refused(Problem problem) -> throw new RefusedException(problem);
            case Entry.Superseded(Problem problem) -> throw new RefusedException(problem);
        };
    }

    private Optional<Problem> notOnRecord(Ownership.Found found) {
        Optional<TrustedLaunchVMStatus> status = found.vm().status();
        boolean isOpen = status.map(TrustedLaunchVMStatus::restore)
                .filter(restoring -> restore.toString().equals(restoring.uid()))
                .filter(restoring -> tools.nodeName().equals(restoring.nodeName()))
                .filter(restoring -> restoring.outcome() == null)
                .isPresent();
        boolean isAfterEpoch =
                spec.epoch().equals(status.map(TrustedLaunchVMStatus::epoch).orElse(0L));
        return isOpen && isAfterEpoch
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.NotTheOwner,
                        "nothing is restored because the VM's status does not name this restore, this node and epoch "
                                + spec.epoch()));
    }

    private static void refuse(Problem problem) {
        throw new RefusedException(problem);
    }
}
